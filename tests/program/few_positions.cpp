// --min-tokens where the model has learned positions for fewer: the error names the option and the limit, and
// comes before anything is decoded.
#include "program/data_place.hpp"
#include "program/guide.hpp"

BOOST_AUTO_TEST_SUITE(few_positions)

using namespace program_test;

BOOST_AUTO_TEST_CASE(a_text_longer_than_all_positions_is_refused_before_the_first) {
  const DataPlace place;
  place.expect(0, place.train_words("transformer", {"--steps", "2", "--set", "positions=learned"}));
  const auto words = [](const Words& input, const std::string& least) {
    return Words{"generate", "run", "--threads", "1", "--min-tokens", least} + input;
  };
  BOOST_TEST(contains(place.expect(2, words({"--prompt", ""}, "32")).err,
                      "--min-tokens: at most 31 expected, since the model has learned positions for "
                      "sequences of 32 tokens, got 32"));
  place.expect(0, words({"--prompt", ""}, "31"));
  const std::string inputs = " The\n The cat sees the dog . The bird follows the fish . The cat hears\n";
  place.folder().write("inputs.txt", inputs);
  const Ran of_file = place.expect(2, words({"--input", "inputs.txt", "--batch", "1"}, "28"));
  BOOST_TEST(of_file.out == "");
  BOOST_TEST(contains(of_file.err, "--min-tokens: at most "), of_file.err);
  BOOST_TEST(
      contains(of_file.err, " expected, for which the model has learned positions after input 2, got 28"),
      of_file.err);
  const Ran of_pipe = place.expect(2, words({"--batch", "1"}, "28"), inputs);
  BOOST_TEST(contains(of_pipe.err, "after input 2, got 28"), of_pipe.err);
}

BOOST_AUTO_TEST_CASE(answers_longer_than_all_positions_are_refused) {
  const Guide guide("gpt2", "40");
  const std::string all = "--min-tokens: at most 39 expected, since the model has learned positions for ";
  const auto error = [&](Words words, const std::string& least) {
    return guide.expect(2, words + Words{"--threads", "1", "--min-tokens", least}, "colour of sky?\n").err;
  };
  const Words evaluate = {"evaluate", "run", "--data", "questions.jsonl"};
  for (const Words& words : {evaluate, Words{"chat", "run"}, Words{"generate", "run"}})
    BOOST_TEST(contains(error(words, "40"), all), words[0]);
  const std::string of_input = error(evaluate, "37");
  BOOST_TEST(contains(of_input, " expected, for which the model has learned positions after input 1, got 37"),
             of_input);
}

BOOST_AUTO_TEST_SUITE_END()
