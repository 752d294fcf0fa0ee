// Models with few learned positions. If --min-tokens asks for more, the error names the option and the limit,
// and comes before anything is decoded.
#include <algorithm>

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

namespace {

/// The most tokens of an answer to a question, as the error of --min-tokens tells them.
int room_after(const Guide& guide, const std::string& question) {
  const std::string before = "--min-tokens: at most ",
                    error = guide.expect(2, {"generate", "run", "--min-tokens", "39"}, question).err;
  BOOST_TEST_REQUIRE(contains(error, before), error);
  return std::stoi(error.substr(error.find(before) + before.size()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_beam_search_ends_with_the_positions) {
  const Guide guide("gpt2", "40", "1");
  const std::string sky = "colour of sky?\n", grass = "colour of grass?\n";
  const int room = room_after(guide, sky), least = std::min(room, room_after(guide, grass));
  const auto result = [&](const Words& more) {
    const Words words = {"generate", "run", "--threads", "1", "--min-tokens", std::to_string(room)};
    return guide.json(words + more, sky)["results"][0];
  };
  const auto greedy = result({});
  for (const char* beam : {"1", "2", "4"}) {
    const auto found = result({"--beam", beam});
    BOOST_TEST(found["tokens"] == room);
    BOOST_TEST(found["positions_ended"] == true);
    BOOST_TEST(found["stopped"] == false);
    if (std::string(beam) == "1") BOOST_TEST(found["text"] == greedy["text"]);
  }
  guide.expect(0, {"evaluate", "run", "--data", "questions.jsonl", "--limit", "2", "--threads", "1", "--beam",
                   "2", "--min-tokens", std::to_string(least)});
}

BOOST_AUTO_TEST_CASE(an_answer_that_the_positions_cut_short_is_told) {
  const Guide guide("gpt2", "40", "1");
  const std::string sky = "colour of sky?\n";
  const int room = room_after(guide, sky);
  const auto chat = [&](int code, int least, const Words& more) {
    const Words words = {"chat", "run", "--threads", "1", "--min-tokens", std::to_string(least)};
    return guide.expect(code, words + more, sky).err;
  };
  BOOST_TEST(chat(0, room, {}) == "");
  BOOST_TEST(chat(0, room + 1, {}) ==
             "the model's positions end at 40 tokens, which cut the answer short: " + std::to_string(room) +
                 " tokens, and --min-tokens asks for " + std::to_string(room + 1) +
                 "; /reset begins another conversation\n");
  const std::string refused = chat(2, room, {"--system", "colour of sky? colour of sky?"});
  BOOST_TEST(contains(refused, "--min-tokens: at most "), refused);
  BOOST_TEST(contains(refused, " expected, for which the model has learned positions after --system, got "),
             refused);
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
