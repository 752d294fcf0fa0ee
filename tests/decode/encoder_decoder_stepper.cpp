#include "memsizer/decode/encoder_decoder_stepper.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"

#include "decode/exhaustive.hpp"
#include "decode/small_model.hpp"
#include "decode/translator.hpp"

BOOST_AUTO_TEST_SUITE(encoder_decoder_stepper)

using decode::Prompt;
using test::Translator;
namespace data = boost::unit_test::data;

namespace {

/// A translator's logits beside one source.
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
  stepper.reorder({0, 0, 1, 1, 2, 2});  // hypotheses share their sources, and have states of their own
  const Index of_states = stepper.state_bytes() - bytes;
  BOOST_TEST(of_states > 0);
  BOOST_TEST(of_states < bytes);
  stepper.reorder({0, 0, 1, 2, 2, 3, 4, 4, 5});
  BOOST_TEST(stepper.state_bytes() == bytes + 2 * of_states);
  stepper.reorder({1, 4, 7});
  BOOST_TEST(stepper.state_bytes() == bytes);
}

BOOST_DATA_TEST_CASE(added_rows_do_not_disturb_the_present_ones, data::make(test::mixtures()), mixture) {
  const Translator translator(mixture);
  auto alone = translator.stepper(), together = translator.stepper();
  const std::vector<Prompt> first = {prompts(1)[0], prompts(1)[2]}, second = {prompts(1)[1]};
  alone.start(first);
  together.start(first);
  BOOST_CHECK_THROW(together.add({{.tokens = {2}, .source = {7}}}), InputError);
  const std::vector<double> added = together.add(second).to_vector();
  // Beam search: the rows take the places of others, and keep their sources.
  alone.reorder({1, 0, 0});
  together.reorder({1, 0, 0, 2});
  std::vector<double> expected = alone.step({1, 3, 4}).to_vector();
  const std::vector<double> stepped = together.step({1, 3, 4, 5}).to_vector();
  auto last = translator.stepper();
  for (const double logit : last.start(second).to_vector()) expected.push_back(logit);
  for (std::size_t i = 0; i < 7; ++i) BOOST_TEST(std::abs(added[i] - expected[21 + i]) <= 1e-12);
  expected.resize(21);
  for (const double logit : last.step({5}).to_vector()) expected.push_back(logit);
  BOOST_TEST_REQUIRE(stepped.size() == expected.size());
  for (std::size_t i = 0; i < stepped.size(); ++i) BOOST_TEST(std::abs(stepped[i] - expected[i]) <= 1e-12);
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

BOOST_AUTO_TEST_CASE(a_stepper_that_has_read_nothing_has_no_rows) {
  const models::EncoderDecoder<double> model({.decoder = {.vocab = 5,
                                                          .layers = 1,
                                                          .dim = 4,
                                                          .attention_settings = {.heads = 2, .slots = 2},
                                                          .block = {.ffn = 4}},
                                              .source = {.encoder_layers = 1}});
  decode::EncoderDecoderStepper<double> stepper(model);
  BOOST_CHECK_THROW(stepper.reorder({0}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
