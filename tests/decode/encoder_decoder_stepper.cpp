#include "memsizer/decode/encoder_decoder_stepper.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "decode/exhaustive.hpp"
#include "decode/small_model.hpp"
#include "models/small_encoder_decoder.hpp"

BOOST_AUTO_TEST_SUITE(encoder_decoder_stepper)

using decode::Prompt;
namespace data = boost::unit_test::data;

namespace {

/// An encoder-decoder with random weights, so large that tokens have different probabilities.
class Translator {
 public:
  explicit Translator(const test::Mixture& mixture, Index vocab = 7)
      : model_(test::small_encoder_decoder(mixture, vocab)), store_(model_, 5, false) {
    Tensor<double> flat = store_.weights();
    std::vector<double> weights = flat.to_vector();
    for (double& weight : weights) weight *= 3;
    flat.copy_from(weights);
  }

  decode::EncoderDecoderStepper<double> stepper() const {
    return decode::EncoderDecoderStepper<double>(model_);
  }

  /// Logits after a text beside a source, both read at once and alone.
  std::vector<double> logits_after(const std::vector<Id>& source, const std::vector<Id>& text) const {
    const auto row = [](const std::vector<Id>& ids) {
      return Tensor<Id>({1, static_cast<Index>(ids.size())}, ids);
    };
    const Tensor<double> logits = model_.logits(model_.hidden(row(text), model_.encode(row(source))));
    const std::vector<double> all = logits.to_vector();
    return {all.end() - logits.extent(2), all.end()};
  }

 private:
  models::EncoderDecoder<double> model_;
  nn::ParameterStore<double> store_;
};

/// The same beside one source.
struct OfSource {
  const Translator& translator;
  std::vector<Id> source;

  std::vector<double> logits_after(const std::vector<Id>& text) const {
    return translator.logits_after(source, text);
  }
};

/// Prompts with sources of different lengths. The third begins its target with two tokens.
std::vector<Prompt> prompts(Index max_tokens) {
  return {{.tokens = {2}, .max_tokens = max_tokens, .stream = 0, .source = {1, 3, 5, 2}},
          {.tokens = {2}, .max_tokens = max_tokens + 4, .stream = 1, .source = {2}},
          {.tokens = {2, 6}, .max_tokens = max_tokens, .stream = 2, .source = {4, 4, 6, 0, 3, 1, 2}}};
}

}  // namespace

BOOST_DATA_TEST_CASE(greedy_steps_give_what_reading_everything_again_gives, data::make(test::mixtures()),
                     mixture) {
  const Translator translator(mixture);
  auto stepper = translator.stepper();
  const auto results = decode::generate<double>(stepper, prompts(12), {});
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Prompt prompt = prompts(12)[i];
    std::vector<Id> text = prompt.tokens;
    for (const Id token : results[i].tokens) {
      BOOST_TEST(token == decode::most_likely<double>(translator.logits_after(prompt.source, text)));
      text.push_back(token);
    }
    BOOST_TEST(static_cast<Index>(results[i].tokens.size()) == prompt.max_tokens);
  }
}

BOOST_DATA_TEST_CASE(a_wide_beam_finds_the_best_texts, data::make(test::mixtures()), mixture) {
  const Translator translator(mixture, 4);
  auto stepper = translator.stepper();
  const decode::BeamOptions options{.beam = 300, .length_penalty = 0.6, .stop_token = 3};
  const std::vector<Prompt> few = {{.tokens = {3}, .max_tokens = 4, .source = {1, 2, 0, 3}},
                                   {.tokens = {3}, .max_tokens = 3, .source = {2, 3}}};
  const auto found = decode::beam_search<double>(stepper, few, options);
  for (std::size_t i = 0; i < few.size(); ++i) {
    const auto expected = test::exhaustive(OfSource{translator, few[i].source}, few[i], options);
    BOOST_TEST_REQUIRE(found[i].size() == expected.size());
    for (std::size_t j = 0; j < 5; ++j) test::check_equal(found[i][j], expected[j]);
  }
}

BOOST_DATA_TEST_CASE(a_prompt_does_not_see_its_neighbours, data::make(test::mixtures()), mixture) {
  const Translator translator(mixture);
  auto stepper = translator.stepper();
  const decode::BeamOptions beam{.beam = 3, .length_penalty = 0.6, .stop_token = 0};
  const decode::GenerateOptions sampling{.sampling = {.temperature = 1.3, .seed = 3}, .stop_token = 0};
  const std::vector<Prompt> all = prompts(15);
  const auto found = decode::beam_search<double>(stepper, all, beam);
  const auto sampled = decode::generate<double>(stepper, all, sampling);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto alone = decode::beam_search<double>(stepper, {all[i]}, beam)[0];
    BOOST_TEST_REQUIRE(found[i].size() == alone.size());
    for (std::size_t j = 0; j < alone.size(); ++j) test::check_equal(found[i][j], alone[j]);
    const auto sampled_alone = decode::generate<double>(stepper, {all[i]}, sampling);
    BOOST_TEST(sampled[i].tokens == sampled_alone[0].tokens, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_sources_and_states) {
  const Translator translator({"transformer", "memsizer", "memsizer"});
  auto stepper = translator.stepper();
  stepper.start(prompts(1));
  const Index bytes = stepper.state_bytes();
  BOOST_TEST(bytes > 0);
  stepper.step({1, 1, 1});
  BOOST_TEST(stepper.state_bytes() == bytes);
  stepper.reorder({0, 0, 1, 1, 2, 2});
  BOOST_TEST(stepper.state_bytes() == 2 * bytes);
}

BOOST_AUTO_TEST_CASE(a_source_is_for_an_encoder_decoder_alone) {
  const Translator translator({"transformer", "memsizer", "memsizer"});
  auto stepper = translator.stepper();
  const auto refused = [&](const Prompt& prompt, const std::string& message) {
    BOOST_CHECK_EXCEPTION(stepper.start({prompt}), InputError, [&](const InputError& error) {
      return std::string(error.what()).find(message) != std::string::npos;
    });
  };
  refused({.tokens = {2}}, "a source of at least one token expected");
  refused({.tokens = {}, .source = {2}}, "a prompt of at least one token expected");
  refused({.tokens = {2}, .source = {7}}, "source: token 7 of a vocabulary of 7");
  refused({.tokens = {-1}, .source = {2}}, "prompt: token -1 of a vocabulary of 7");
  const SmallModel language_model("memsizer");
  auto reader = language_model.stepper();
  BOOST_CHECK_THROW(reader.start({{.tokens = {2}, .source = {2}}}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
