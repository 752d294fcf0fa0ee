// Question answering and summarization through the program: records in, lines out, and a conversation.
#include <boost/test/unit_test.hpp>

#include "program/guide.hpp"
#include "program/open_pipe.hpp"

BOOST_AUTO_TEST_SUITE(answers)

using namespace program_test;

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

BOOST_FIXTURE_TEST_CASE(a_question_in_a_pipe_is_answered_before_the_next_is_written, Guide) {
  const Ran ran = ask_line_by_line(*this, {"chat", "run", "--threads", "1"},
                                   "colour of sky?\ncolour of grass?\ncolour of sky?\n");
  BOOST_TEST(ran.code == 0, ran.err);
  BOOST_TEST(ran.out == "blue\\nand wide\ngreen\nblue\\nand wide\n");
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

BOOST_FIXTURE_TEST_CASE(what_the_system_says_is_read_before_the_first_question, Guide) {
  const auto tokens_read = [&](const std::vector<std::string>& options, const std::string& questions) {
    std::vector<std::string> words = {"chat", "run"};
    words.insert(words.end(), options.begin(), options.end());
    const std::string state = expect(0, words, questions + "/state\n").err;
    return std::stoi(state.substr(state.find(", ") + 2));  // "1 answer, 27 tokens read, .."
  };
  const std::vector<std::string> system = {"--system", "colour"}, limit = {"--max-tokens", "1"};
  const auto both = [&](std::vector<std::string> words) {
    words.insert(words.end(), limit.begin(), limit.end());
    return words;
  };
  const int without = tokens_read(limit, "colour of sky?\n"),
            with = tokens_read(both(system), "colour of sky?\n");
  BOOST_TEST(with > without);
  // Once, and not before each question.
  const int twice = tokens_read(limit, "colour of sky?\ncolour of sky?\n");
  BOOST_TEST(tokens_read(both(system), "colour of sky?\ncolour of sky?\n") - with == twice - without);
}

// After one step nothing is likelier than the end, the one token that every answer has.
BOOST_AUTO_TEST_CASE(a_model_that_ends_its_texts_at_once_is_told_of) {
  const Guide guide("memsizer", "64", "1");
  const std::string question = "colour of sky?\n",
                    advice = "at once; more training or --min-tokens gives longer ones\n";
  const Ran lines = guide.expect(0, {"generate", "run"}, question + question);
  BOOST_TEST(lines.out == "\n\n");
  BOOST_TEST(contains(lines.err, "the model ended 2 of 2 texts " + advice), lines.err);
  const Ran chat = guide.expect(0, {"chat", "run"}, question);
  BOOST_TEST(chat.out == "\n");
  BOOST_TEST(chat.err == "the model ended its answer " + advice);
  for (const char* command : {"generate", "chat"}) {
    const Ran longer = guide.expect(0, {command, "run", "--min-tokens", "2"}, question);
    BOOST_TEST(!contains(longer.err, "at once"), longer.err);
  }
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
