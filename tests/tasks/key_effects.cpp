// A key has an effect where some layer reads it. Which keys these are follows from the rows of the settings
// and from what the kinds of attention promise, those that a program has added among them.
#include "memsizer/tasks/key_effects.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/configuration.hpp"

BOOST_AUTO_TEST_SUITE(key_effects)

using namespace memsizer;
using tasks::why_not_swept;
using tasks::why_without_effect;

namespace {

/// A kind that reads `slots` and has positions of its own. Only its description is of interest here.
template <class T>
class Relative : public nn::Attention<T> {
 public:
  static constexpr nn::AttentionDescription description{.name = "relative",
                                                        .causal = true,
                                                        .bidirectional = true,
                                                        .absolute_positions = false,
                                                        .settings = {"slots"}};

  explicit Relative(const nn::AttentionConfig& config) : nn::Attention<T>(description, config) {}
  Index state_bytes(Index) const override { return 0; }
  double step_flops(Index) const override { return 0; }
};

/// While this lives, the kind is known.
struct Registered {
  Registered() { nn::own_attention_kinds<float>().push_back(nn::attention_kind<float, Relative>()); }
  ~Registered() { nn::own_attention_kinds<float>().clear(); }
};

tasks::Config config_of(const std::string& task, const std::vector<std::string>& settings) {
  return tasks::effective_config({.task = task, .preset = "micro", .settings = settings}).config;
}

/// A model whose self-attention, but not the attention to the source, is of the program's own kind.
tasks::Config relative_sides(const std::string& cross) {
  tasks::Config config = config_of("translation", {"attention=transformer"});
  config.source.encoder_attention = config.target.decoder_attention = {"relative"};
  config.source.cross_attention = {cross};
  return config;
}

constexpr const char *own_positions = "every layer's kind of attention brings positions of its own",
                     *no_reader = "no layer of the model has an attention that reads it: memsizer";

}  // namespace

BOOST_AUTO_TEST_CASE(the_slots_of_each_place_are_those_of_its_kinds) {
  const auto sides = [](const std::string& encoder, const std::string& decoder, const std::string& cross) {
    return config_of("translation", {"encoder_attention=" + encoder, "decoder_attention=" + decoder,
                                     "cross_attention=" + cross});
  };
  const std::string t = "transformer", m = "memsizer";
  for (const auto& [config, slots, cross_slots] : {std::tuple{sides(t, t, t), no_reader, no_reader},
                                                   {sides(m, t, t), no_reader, ""},
                                                   {sides(t, t, m), no_reader, ""}}) {
    BOOST_TEST(why_without_effect(config, "slots") == slots);
    BOOST_TEST(why_without_effect(config, "cross_slots") == cross_slots);
  }
  tasks::Config decoder = sides(t, t, t);
  decoder.target.decoder_attention = {m};
  BOOST_TEST(why_without_effect(decoder, "slots").empty());
  BOOST_TEST(why_without_effect(decoder, "cross_slots") == no_reader);
  BOOST_TEST(why_without_effect(config_of("language-modeling", {}), "slots") == no_reader);
  BOOST_TEST(why_without_effect(config_of("language-modeling", {"attention=memsizer"}), "slots").empty());
}

BOOST_AUTO_TEST_CASE(a_task_reads_the_keys_of_its_form) {
  const tasks::Config text = config_of("language-modeling", {}), pairs = config_of("translation", {});
  for (const char* key : {"cross_slots", "encoder_layers", "decoder_attention", "source", "max_target"}) {
    BOOST_TEST(why_without_effect(text, key) == "language modelling has no source text", key);
    if (std::string(key) != "cross_slots") BOOST_TEST(why_without_effect(pairs, key).empty(), key);
  }
  BOOST_TEST(why_without_effect(text, "sequence").empty());
  BOOST_TEST(why_without_effect(pairs, "sequence") ==
             "translation reads pairs, whose lengths max_source and max_target limit");
}

BOOST_AUTO_TEST_CASE(a_kind_of_the_programs_own_counts) {
  const Registered registered;
  tasks::Config config = config_of("language-modeling", {"layers=2", "attention=transformer,relative"});
  BOOST_TEST(why_without_effect(config, "slots").empty());
  BOOST_TEST(why_without_effect(config, "positions").empty());
  config.model.attention = {"relative"};
  BOOST_TEST(why_without_effect(config, "positions") == own_positions);
  config.model.attention = {"transformer"};
  BOOST_TEST(why_without_effect(config, "slots") == std::string(no_reader) + " or relative");
}

// The model adds positions to the input of a side if the self-attention there wants them.
BOOST_AUTO_TEST_CASE(attention_to_a_source_wants_no_positions) {
  const Registered registered;
  tasks::Config config = relative_sides("transformer");
  BOOST_TEST(why_without_effect(config, "positions") == own_positions);
  config.source.encoder_attention = {"transformer"};
  BOOST_TEST(why_without_effect(config, "positions").empty());
}

BOOST_AUTO_TEST_CASE(what_a_comparison_shares_is_not_swept) {
  const tasks::Config config = config_of("language-modeling", {});
  for (const char* key : {"vocab", "normalizer"})
    BOOST_TEST(why_not_swept(config, key) == "all models of a comparison share one tokenizer", key);
  for (const char* key : {"log_every", "save_every", "keep"})
    BOOST_TEST(why_not_swept(config, key) == "it concerns logging and saving alone", key);
  for (const char* key : {"validate_every", "dim", "validate_examples", "seed"})
    BOOST_TEST(why_not_swept(config, key).empty(), key);
  BOOST_TEST(why_not_swept(config, "slots") == no_reader);
}

BOOST_AUTO_TEST_SUITE_END()
