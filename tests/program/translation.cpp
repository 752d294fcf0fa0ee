// Translation through the program: lines in, lines out, and what is said about them.
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/one_line.hpp"

#include "program/program.hpp"

BOOST_AUTO_TEST_SUITE(translation)

using namespace program_test;

namespace {

/// A workplace with a model that has learned a few word pairs.
struct Translator : Workplace {
  Translator() {
    for (const auto& [name, lines] : {std::pair{"train", 60}, {"val", 5}, {"test", 6}}) {
      std::string english, german;
      for (int i = 0; i < lines; ++i) {
        english += i % 2 == 0 ? "the dog sees\n" : "the river\n";
        german += i % 3 == 0 ? "der Hund sieht\n" : "der Fluss\n";
      }
      folder().write(std::string("data/") + name + ".en", english);
      folder().write(std::string("data/") + name + ".de", german);
    }
    expect(0, {"train",
               "--task",
               "translation",
               "--data",
               "data",
               "--output",
               "run",
               "--preset",
               "micro",
               "--architecture",
               "memsizer",
               "--steps",
               "30",
               "--threads",
               "1",
               "--set",
               "vocab=280",
               "--set",
               "max_source=12",
               "--set",
               "validate_every=30",
               "--set",
               "learning_rate=0.01"});
  }
};

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_line_in_is_a_line_out_in_order, Translator) {
  const std::string input = "the dog sees\n\nthe river\nthe river the river the river the river the river\n";
  const Ran ran = expect(0, {"generate", "run", "--input", "-"}, input);
  BOOST_TEST(lines_in(ran.out) == 4u);
  BOOST_TEST(contains(ran.out, "\n\n"), "an empty source has an empty translation");
  BOOST_TEST(!contains(ran.err, "at once"), ran.err);  // no model ended it
  BOOST_TEST(contains(ran.err, "1 of 4 inputs were longer than the model reads and were cut"), ran.err);
  BOOST_TEST(contains(ran.err, "beam 4, length penalty 0.6, at most 1.2 x source + 10 tokens"));
  BOOST_TEST(expect(0, {"generate", "run", "--input", "-", "--batch", "1"}, input).out == ran.out);
  // A byte order mark is no part of the first line.
  BOOST_TEST(expect(0, {"generate", "run", "--input", "-"}, "\xEF\xBB\xBF" + input).out == ran.out);
  const auto results = json({"generate", "run", "--input", "-"}, input)["results"];
  BOOST_TEST_REQUIRE(results.size() == 4u);
  BOOST_TEST(results[3]["source_cut"].get<bool>());
  BOOST_TEST(!results[0]["source_cut"].get<bool>());
  BOOST_TEST(results[1]["text"] == "");
}

BOOST_FIXTURE_TEST_CASE(the_best_texts_come_with_their_scores, Translator) {
  const Ran ran =
      expect(0, {"generate", "run", "--prompt", "the dog", "--n-best", "3", "--min-tokens", "14"});
  BOOST_TEST(lines_in(ran.out) == 3u);
  BOOST_TEST(std::count(ran.out.begin(), ran.out.end(), '\t') == 3);
  const auto best = json({"generate", "run", "--prompt", "the dog", "--n-best", "3", "--min-tokens", "14"});
  const auto& hypotheses = best["results"][0]["hypotheses"];
  std::istringstream lines(ran.out);
  double last = 0;
  for (const auto& hypothesis : hypotheses) {
    std::string score, text;
    std::getline(std::getline(lines, score, '\t'), text);
    BOOST_TEST(std::stod(score) <= last);
    BOOST_TEST(std::stod(score) == hypothesis["score"].get<double>(), boost::test_tools::tolerance(1e-4));
    BOOST_TEST(text == memsizer::tasks::on_one_line(hypothesis["text"].get<std::string>()));
    last = std::stod(score);
  }
  const std::string with_empty = "the dog\n\nthe river\n";
  const Ran of_lines = expect(0, {"generate", "run", "--input", "-", "--n-best", "2"}, with_empty);
  BOOST_TEST(lines_in(of_lines.out) == 5u, of_lines.out);
  BOOST_TEST(contains(of_lines.out, "\n0\t\n"), of_lines.out);
  const auto results = json({"generate", "run", "--input", "-"}, with_empty)["results"];
  BOOST_TEST(results[1]["score"] == 0);
  BOOST_TEST(results[1]["hypotheses"].size() == 1u);
  BOOST_TEST(
      contains(expect(2, {"generate", "run", "--prompt", "x", "--n-best", "5"}).err, "which is 4, got 5"));
  BOOST_TEST(contains(expect(2, {"generate", "run", "--prompt", "x", "--n-best", "2", "--top-k", "3"}).err,
                      "--n-best: a beam search expected, got temperature 1, top-k 3"));
}

BOOST_FIXTURE_TEST_CASE(an_evaluation_writes_what_it_scored_and_a_file_needs_no_split, Translator) {
  const auto all = json({"evaluate", "run", "--data", "data", "--hypotheses", "h", "--references", "r"});
  BOOST_TEST(lines_in(contents(folder() / "h")) == 6u);
  BOOST_TEST(contents(folder() / "r") == contents(folder() / "data/test.de"));
  const auto score = json({"score", "bleu", "--hypotheses", "h", "--references", "r"});
  BOOST_TEST(score["bleu"] == all["bleu"]);
  BOOST_TEST(score["bleu_signature"] == all["bleu_signature"]);
  folder().write("news.en", contents(folder() / "data/test.en"));
  folder().write("news.de", contents(folder() / "data/test.de"));
  BOOST_TEST(json({"evaluate", "run", "--data", "news.en"})["bleu"] == all["bleu"]);
  BOOST_TEST(
      contains(expect(2, {"evaluate", "run", "--data", "data", "--hypotheses", "h.gz"}).err, "got h.gz"));
  std::filesystem::create_directory(folder() / "apart");
  folder().write("apart/news.en", "a\n"), folder().write("apart/news.de", "b\n");
  BOOST_TEST(
      contains(expect(2, {"evaluate", "run", "--data", "apart"}).err, "without a split: news.de, news.en"));
}

BOOST_FIXTURE_TEST_CASE(an_evaluation_replaces_nothing_that_it_reads, Translator) {
  for (const char* file : {"data/test.de", "data/train.en", "run/config.json", "run/best",
                           "run/tokenizer.json", "run/checkpoints/step-30/model.safetensors"}) {
    const std::string before = contents(folder() / file);
    for (const char* option : {"--hypotheses", "--references"})
      BOOST_TEST(
          contains(expect(2, {"evaluate", "run", "--data", "data", option, file}).err, "would be lost"));
    BOOST_TEST((contents(folder() / file) == before), file);
  }
  expect(2, {"evaluate", "run", "--data", "data", "--hypotheses", "h", "--references", "h"});
  BOOST_TEST(
      contains(expect(2, {"evaluate", "run", "--data", "data", "--hypotheses", ""}).err, "--hypotheses"));
}

BOOST_FIXTURE_TEST_CASE(a_byte_order_mark_is_no_text, Translator) {
  for (const std::string side : {"en", "de"}) {
    folder().write("plain." + side, contents(folder() / ("data/test." + side)));
    folder().write("marked." + side, "\xEF\xBB\xBF" + contents(folder() / ("data/test." + side)));
  }
  const auto plain = json({"evaluate", "run", "--data", "plain.en"}),
             marked = json({"evaluate", "run", "--data", "marked.en"});
  BOOST_TEST(marked == plain);
}

BOOST_FIXTURE_TEST_CASE(carriage_returns_are_told, Translator) {
  folder().write("crlf/train.en", "the dog\r\n"), folder().write("crlf/train.de", "der Hund\r\n");
  const Ran ran = expect(0, {"train", "--task", "translation", "--data", "crlf", "--output", "second",
                             "--preset", "micro", "--steps", "1", "--tokenizer", "run/tokenizer.json"});
  BOOST_TEST(contains(ran.err, "the train split is train.en, train.de\n"), ran.err);
  BOOST_TEST(contains(ran.err, "the lines of the train split end in a carriage return"), ran.err);
}

BOOST_AUTO_TEST_SUITE_END()
