// Question answering and summarization through the program: records in, lines out, and a conversation.
#include <boost/test/unit_test.hpp>

#include "program/program.hpp"

BOOST_AUTO_TEST_SUITE(answers)

using namespace program_test;

namespace {

/// A workplace with a model that has learned two answers.
struct Guide : Workplace {
  explicit Guide(const std::string& architecture = "memsizer", const std::string& sequence = "64") {
    std::string lines;
    for (int i = 0; i < 200; ++i) {
      const std::string of = i % 2 == 0 ? "sky" : "grass", is = i % 2 == 0 ? "blue\\nand wide" : "green";
      lines += "{\"id\": \"cot." + std::to_string(i) + "\", \"question\": \"colour of " + of +
               "?\", \"response\": \"" + is + "\"}\n";
    }
    folder().write("questions.jsonl", lines);
    std::vector<std::string> words = {
        "train",    "--task", "question-answering", "--data",     "questions.jsonl", "--output", "run",
        "--preset", "micro",  "--architecture",     architecture, "--steps",         "150",      "--threads",
        "1"};
    for (const std::string& setting : {std::string("vocab=300"), "sequence=" + sequence,
                                       std::string("learning_rate=0.01"), std::string("validate_every=150")})
      words.push_back("--set"), words.push_back(setting);
    expect(0, words);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_model_answers_lines_records_and_a_conversation_alike, Guide) {
  const std::string answers = "blue\\nand wide\ngreen\n", questions = "colour of sky?\ncolour of grass?\n";
  BOOST_TEST(expect(0, {"generate", "run", "--input", "-"}, questions).out == answers);
  folder().write("in.jsonl", "{\"question\": \"colour of sky?\"}\n{\"question\": \"colour of grass?\"}\n");
  BOOST_TEST(expect(0, {"generate", "run", "--input", "in.jsonl"}).out == answers);
  folder().write("bad.jsonl", "{\"question\": \"colour of sky?\"}\n{\"text\": \"colour of grass?\"}\n");
  BOOST_TEST(contains(expect(2, {"generate", "run", "--input", "bad.jsonl"}).err, "bad.jsonl:2"));
  const Ran chat = expect(0, {"chat", "run"}, "colour of sky?\n/state\n/reset\ncolour of grass?\n/what\n");
  BOOST_TEST(chat.out == answers);
  BOOST_TEST(contains(chat.err, "1 answer,"));
  BOOST_TEST(contains(chat.err, "remembered"));
  BOOST_TEST(contains(chat.err, "everything is forgotten"));
  BOOST_TEST(contains(chat.err, "/what is no command"));
  for (const char* option : {"--beam", "--length-penalty"})
    BOOST_TEST(contains(expect(2, {"chat", "run", option, "4"}, "").err,
                        std::string(option) + ": a conversation has no beam search"));
  const auto scores = json({"evaluate", "run", "--data", "questions.jsonl"});
  BOOST_TEST(scores["exact_match"].get<double>() == 100);
  for (const char* key : {"split", "examples", "tokens", "loss", "perplexity", "f1", "rougeL"})
    BOOST_TEST(scores.contains(key), key);
  expect(0, {"evaluate", "run", "--data", "questions.jsonl", "--hypotheses", "h", "--references", "r"});
  const auto squad = json({"score", "squad", "--hypotheses", "h", "--references", "r"});
  BOOST_TEST(squad["f1"].get<double>() == scores["f1"].get<double>());
}

BOOST_AUTO_TEST_CASE(a_conversation_that_ran_out_of_positions_goes_on_after_a_reset) {
  const Guide guide("gpt2", "40");
  const std::string question = "colour of grass?\n";
  std::string questions;
  for (int i = 0; i < 12; ++i) questions += question;
  const Ran ran = guide.expect(2, {"chat", "run"}, questions + "/reset\n" + question);
  BOOST_TEST(contains(ran.err, "and the model has 40 positions; /reset begins another conversation"),
             ran.err);
  BOOST_TEST(std::ranges::count(ran.out, '\n') == 13, ran.out);
  BOOST_TEST(ran.out.ends_with("\n\ngreen\n"), ran.out);
}

BOOST_FIXTURE_TEST_CASE(a_run_of_another_task_has_no_conversation, Workplace) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += " the river runs to the lake . \n";
  folder().write("data/wiki.train.tokens", text);
  expect(0, {"train", "--data", "data", "--output", "run", "--preset", "micro", "--steps", "1", "--set",
             "vocab=259"});
  BOOST_TEST(contains(expect(2, {"chat", "run"}, "hello\n").err,
                      "a run of question answering expected, got one of language modelling"));
}

BOOST_AUTO_TEST_SUITE_END()
