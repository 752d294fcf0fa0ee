// Summarization as a task: a whole run on a few articles, and its baselines.
#include "memsizer/tasks/summarization.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(summarization)

using namespace memsizer;
using namespace memsizer::tasks;

namespace {

std::string article(int i) {
  const std::string town = i % 2 == 0 ? "Marl" : "Brack", day = i % 3 == 0 ? "Monday" : "Friday";
  return nlohmann::ordered_json{
      {"document", concatenate("Rain fell in ", town, ".\nMr. Orme spoke on ", day, " for ", i, " minutes.")},
      {"summary", concatenate("A speech in ", town, ".\nIt was on ", day, '.')},
      {"id", concatenate("a", i)}}
      .dump();
}

void write_articles(const TemporaryFolder& folder) {
  for (const auto& [split, first, count] :
       {std::tuple{"train", 0, 40}, {"validation", 40, 6}, {"test", 50, 8}}) {
    std::string lines;
    for (int i = first; i < first + count; ++i) lines += article(i) + '\n';
    folder.write(concatenate("data/", split, ".jsonl"), lines);
  }
}

Request summarizing(const TemporaryFolder& folder, const std::string& output, Index steps) {
  return {.task = "summarization",
          .architecture = "memsizer",
          .preset = "micro",
          .data = folder / "data",
          .output = folder / output,
          .settings = {"vocab=259", "dim=8", "slots=3", "cross_slots=2", "ffn=8", "warmup=2", "dropout=0.1",
                       "batch_tokens=400", "log_every=1", "schedule_steps=8", "max_source=50",
                       "max_target=20", "validate_every=2", "validate_examples=4"},
          .budget = {.steps = steps}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_resumed_run_equals_one_that_was_not_stopped) {
  const TemporaryFolder folder;
  write_articles(folder);
  train_model(summarizing(folder, "whole", 5), {});
  train_model(summarizing(folder, "parts", 3), {});
  train_model(test::resumed(summarizing(folder, "parts", 3), 5), {});
  test::check_same_run(folder / "whole", folder / "parts", "step-5");
}

BOOST_AUTO_TEST_CASE(long_articles_are_cut_and_counted) {
  const TemporaryFolder folder;
  write_articles(folder);
  std::vector<std::string> told;
  train_model(summarizing(folder, "run", 2),
              {.tell = [&](const std::string& line) { told.push_back(line); }});
  BOOST_TEST(std::ranges::count(
                 told,
                 "of 40 pairs to train on, 40 sources are cut to max_source = 50 tokens and 40 targets are "
                 "cut to max_target = 20 tokens") == 1);
}

BOOST_AUTO_TEST_CASE(articles_that_are_not_there_are_told_and_counted) {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& id) {
    folder.write("data/bbc/" + id + ".summary",
                 "[SN]URL[SN]\n[SN]TITLE[SN]\n[SN]FIRST-SENTENCE[SN]\nA river.\n[SN]RESTBODY[SN]\nA lake.\n");
  };
  folder.write("data/XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json",
               R"({"train": ["1", "2", "3"], "validation": ["4"], "test": ["5", "6", "7"]})");
  for (const char* id : {"1", "2", "4", "6"}) write(id);
  std::vector<std::string> told;
  train_model(summarizing(folder, "run", 1),
              {.tell = [&](const std::string& line) { told.push_back(line); }});
  BOOST_TEST(std::ranges::count(told, "of the train split, 1 articles are not there, such as 3") == 1);
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::EvaluationReport report = test::scored(run, {.data = folder / "data"});
  BOOST_TEST(report.examples == 1);
  BOOST_TEST(train::to_json(report).at("missing_examples") == 2);
}

BOOST_AUTO_TEST_CASE(an_evaluation_measures_the_lines_that_it_writes) {
  const TemporaryFolder folder;
  write_articles(folder);
  train_model(summarizing(folder, "run", 2), {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::EvaluationReport report = test::scored(
      run, {.data = folder / "data", .hypotheses = folder / "texts", .references = folder / "references"});
  BOOST_TEST(report.examples == 8);
  const std::vector<std::string> texts = test::texts_of(folder / "texts"),
                                 references = test::texts_of(folder / "references");
  BOOST_TEST_REQUIRE(texts.size() == 8u);
  BOOST_TEST(references[0] == "A speech in Marl.\\nIt was on Friday.");
  const auto figures =
      measure_texts(tasks::summarization::metrics_of_texts(false), texts, references, Intervals::no).figures;
  for (const char* name : {"rouge1", "rouge2", "rougeL", "rougeLsum"})
    BOOST_TEST(*train::number_of(report.more, name) == *train::number_of(figures, name));
  BOOST_TEST(report.intervals.size() == 4u);
  BOOST_CHECK_NO_THROW(test::scored(run, {.data = folder / "data", .limit = 2, .stem = true}));
}

BOOST_AUTO_TEST_CASE(a_validation_scores_the_first_examples_alone) {
  const TemporaryFolder folder;
  write_articles(folder);
  train_model(summarizing(folder, "run", 2), {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::EvaluationReport report = test::scored(
      run, {.data = folder / "data", .split = "validation", .limit = 4, .decoding = {.temperature = 0}});
  const train::RunCurves curves = train::read_curves(run.metrics_file());
  BOOST_TEST(report.loss == curves.validation_losses.back(), boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(the_baselines_are_the_first_sentence_and_the_best_constant) {
  const TemporaryFolder folder;
  write_articles(folder);
  const Task& task = find_task("summarization");
  const auto data = task.open_data(folder / "data", {});
  const std::vector<Baseline> baselines = task.baselines(*data, data::Split::test, test::any_tokenizer(), {});
  BOOST_TEST_REQUIRE(baselines.size() == 2u);
  BOOST_TEST(baselines[0].name == "the first sentence");
  const double lead = *train::number_of(baselines[0].figures, "rouge1"),
               constant = *train::number_of(baselines[1].figures, "rouge1");
  BOOST_TEST((lead > 0 && lead < 50), lead);
  BOOST_TEST((constant > 70 && constant < 100), constant);  // it has the town or the day right, or both
}

BOOST_AUTO_TEST_CASE(a_record_has_a_document) {
  const TemporaryFolder folder;
  write_articles(folder);
  train_model(summarizing(folder, "run", 1), {});
  const auto model = load_model(train::RunDirectory::open(folder / "run"), cpu::device());
  const files::Json json = files::parse_json(R"({"document": "a\nb", "id": "1"})", "in.jsonl");
  BOOST_TEST(model->text_of_record()(files::JsonView(json, "in.jsonl")) == "a\nb");
  const files::Json other = files::parse_json(R"({"text": "a"})", "in.jsonl");
  BOOST_CHECK_THROW(model->text_of_record()(files::JsonView(other, "in.jsonl")), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
