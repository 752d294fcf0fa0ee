#include "memsizer/decode/generation_cost.hpp"

#include <boost/test/unit_test.hpp>

#include "decode/small_model.hpp"
#include "decode/translator.hpp"

BOOST_AUTO_TEST_SUITE(generation_cost)

using namespace memsizer;

namespace {

models::LanguageModelConfig config_of(const std::string& kind) {
  return {.attention = {kind},
          .vocab = 11,
          .layers = 2,
          .dim = 8,
          .attention_settings = {.heads = 2, .slots = 3},
          .block = {.ffn = 8}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(state_grows_with_the_text_where_the_kind_has_a_cache) {
  for (const char* kind : {"transformer", "memsizer"}) {
    models::LanguageModel<float> model(config_of(kind));
    const nn::ParameterStore<float> store(model, 1, false);
    const auto costs = decode::generation_costs(model, {4, 20}, 3);
    BOOST_TEST_REQUIRE(costs.size() == 2u);
    BOOST_TEST(costs[0].length == 4);
    BOOST_TEST(costs[1].length == 20);
    for (const auto& cost : costs) BOOST_TEST(cost.tokens_per_second > 0);
    BOOST_TEST((costs[1].state_bytes > costs[0].state_bytes) == (std::string(kind) == "transformer"), kind);
  }
}

BOOST_AUTO_TEST_CASE(an_encoder_decoder_reads_a_source_of_the_same_length) {
  for (const char* kind : {"transformer", "memsizer"}) {
    const test::Translator translator({kind, kind, kind});
    const auto costs = decode::generation_costs(translator.model(), {4, 20}, 3);
    BOOST_TEST_REQUIRE(costs.size() == 2u);
    for (const auto& cost : costs) {
      BOOST_TEST(cost.tokens_per_second > 0);
      auto stepper = translator.stepper();
      const auto length = static_cast<std::size_t>(cost.length);
      stepper.start({{.tokens = std::vector<Id>(length, 1), .source = std::vector<Id>(length, 1)}});
      // A stepper's sources have a length in each of the two layers.
      BOOST_TEST(cost.state_bytes == stepper.state_bytes() - 2 * Index{sizeof(Id)}, kind);
    }
    BOOST_TEST((costs[1].state_bytes > costs[0].state_bytes) == (std::string(kind) == "transformer"), kind);
  }
}

BOOST_AUTO_TEST_CASE(rounds_can_be_ended_too) {
  models::LanguageModel<float> model(config_of("memsizer"));
  const nn::ParameterStore<float> store(model, 1, false);
  int asked = 0;
  const auto costs = decode::generation_costs(model, {4, 20}, 3, [&] { return ++asked < 4; });
  BOOST_TEST(costs.size() == 2u);
  BOOST_TEST(asked >= 4);
}

BOOST_AUTO_TEST_CASE(it_ends_early_with_what_was_measured) {
  models::LanguageModel<float> model(config_of("memsizer"));
  const nn::ParameterStore<float> store(model, 1, false);
  int asked = 0;
  const auto costs = decode::generation_costs(model, {4, 20}, 3, [&] { return ++asked < 2; });
  BOOST_TEST(costs.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
