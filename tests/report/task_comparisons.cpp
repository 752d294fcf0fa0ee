// Comparisons on several tasks with one report, and the trivial baselines.
#include "memsizer/report/task_comparisons.hpp"

#include <boost/test/unit_test.hpp>

#include "source_folder.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(task_comparisons)

using namespace memsizer;
using namespace memsizer::report;
namespace fs = std::filesystem;

namespace {

ComparisonRequest small(const TemporaryFolder& folder) {
  ComparisonRequest request;
  request.training = test::small_request(folder, "all", "", 2);
  request.training.data.clear();
  request.architectures = {"memsizer"};
  return request;
}

std::vector<TaskOnData> two_tasks(const TemporaryFolder& folder) {
  test::write_text(folder);
  return {{"language-modeling", folder / "data"},
          {"translation", test::source_folder() / "samples/data/translation-tiny"}};
}

train::Outcome train_one(const std::string&, const tasks::Request& request) {
  return train_and_draw(request, {});
}

void say_nothing(const std::string&) {}

}  // namespace

BOOST_AUTO_TEST_CASE(each_task_has_a_folder_and_a_chapter_of_one_report) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  const TaskComparisons all = compare_tasks(small(folder), two_tasks(folder), train_one, say_nothing);
  BOOST_TEST_REQUIRE(all.parts.size() == 2u);
  for (const char* task : {"language-modeling", "translation"}) {
    BOOST_TEST(fs::exists(folder / concatenate("all/", task, "/memsizer/config.json")));
    BOOST_TEST(all.report.find(concatenate("\n## ", task, '\n')) != std::string::npos);
    BOOST_TEST(all.json.at(task).contains("memsizer"));
  }
  BOOST_TEST(all.report.find("| the source, copied |") != std::string::npos);
  BOOST_TEST(all.report.find("| the frequencies of tokens |") != std::string::npos);
  BOOST_TEST(contents(folder / "all/report.md") == all.report);
  BOOST_TEST(nlohmann::ordered_json::parse(contents(folder / "all/report.json")) == all.json);
}

BOOST_AUTO_TEST_CASE(an_interrupted_comparison_goes_on_with_the_task_that_it_did_not_reach) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  const std::vector<TaskOnData> parts = two_tasks(folder);
  int trained = 0;
  const auto train = [&](const std::string& name, const tasks::Request& request) {
    return trained++ == 0 ? train_one(name, request) : train::Outcome::interrupted;
  };
  const TaskComparisons half = compare_tasks(small(folder), parts, train, say_nothing);
  BOOST_TEST((half.parts.back().comparison.outcome == train::Outcome::interrupted));
  BOOST_CHECK_THROW(compare_tasks(small(folder), parts, train_one, say_nothing), InputError);
  ComparisonRequest again = small(folder);
  again.training.resume = tasks::Resume::yes;
  const TaskComparisons whole = compare_tasks(again, parts, train_one, say_nothing);
  BOOST_TEST(whole.parts.size() == 2u);
  BOOST_TEST(whole.json.at("translation").contains("memsizer"));
}

BOOST_AUTO_TEST_CASE(a_comparison_goes_on_with_the_tasks_that_it_began_with) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  const std::vector<TaskOnData> parts = two_tasks(folder);
  const auto stop = [](const std::string&, const tasks::Request&) { return train::Outcome::interrupted; };
  const auto never = [](const std::string&, const tasks::Request&) -> train::Outcome {
    throw Error("trained");
  };
  compare_tasks(small(folder), parts, stop, say_nothing);
  ComparisonRequest again = small(folder);
  again.training.resume = tasks::Resume::yes;
  const auto refused = [&](const std::vector<TaskOnData>& asked, const std::string& part) {
    const std::string report = contents(folder / "all/report.json");
    CHECK_THROWS_SAYING(compare_tasks(again, asked, never, say_nothing), InputError, part);
    BOOST_TEST(contents(folder / "all/report.json") == report);
  };
  refused({parts[0], parts[1], parts[0]},
          "the comparison was begun with language-modeling, translation, and language-modeling, translation, "
          "language-modeling-2 are asked for");
  refused({parts[0]}, "the comparison has the part translation, and only language-modeling is asked for");
  BOOST_TEST(!fs::exists(folder / "all/language-modeling-2"));
  compare_tasks(again, {parts[1], parts[0]}, stop, say_nothing);  // in whatever order
  compare_tasks(again, parts, train_one, say_nothing);
  for (const char* lost : {"language-modeling", "translation"}) {
    fs::rename(folder / "all" / lost, folder / "away");
    refused(parts, concatenate(lost, "/comparison.json: expected, since the part ", lost, " of the"));
    fs::rename(folder / "away", folder / "all" / lost);
  }
  fs::remove(folder / "all/report.json");  // as if a kill had come before it
  fs::remove_all(folder / "all/language-modeling");
  CHECK_THROWS_SAYING(compare_tasks(again, parts, never, say_nothing), InputError,
                      "since the part language-modeling of the comparison has begun");
}

BOOST_AUTO_TEST_CASE(a_comparison_on_one_task_does_not_go_on_with_two) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  const std::vector<TaskOnData> parts = two_tasks(folder);
  ComparisonRequest one = small(folder);
  one.training.task = parts[0].task, one.training.data = parts[0].data;
  compare(one, train_one, say_nothing);
  const std::string report = contents(folder / "all/report.md");
  ComparisonRequest again = small(folder);
  again.training.resume = tasks::Resume::yes;
  CHECK_THROWS_SAYING(compare_tasks(again, parts, train_one, say_nothing), InputError,
                      "the comparison was begun with one task (language-modeling), and language-modeling, "
                      "translation are asked for");
  BOOST_TEST(contents(folder / "all/report.md") == report);
  BOOST_TEST(!fs::exists(folder / "all/language-modeling"));
}

BOOST_AUTO_TEST_CASE(pictures_of_a_chapter_lie_in_its_folder) {
  const NamedComparison part{"translation", {.report = "# Comparison\n\ntext\n\n![loss.svg](loss.svg)\n"}};
  BOOST_TEST(report::detail::as_chapter(part) ==
             "## translation\n\ntext\n\n![loss.svg](translation/loss.svg)\n");
}

BOOST_AUTO_TEST_CASE(a_sweep_draws_what_is_better_the_higher_it_is) {
  ComparisonRequest request;
  request.architectures = {"memsizer"};
  request.sweep_key = "slots", request.sweep_values = {"2", "8"};
  std::vector<ComparedModel> models(2);
  for (std::size_t i = 0; i < 2; ++i) {
    models[i].architecture = "memsizer", models[i].sweep_value = request.sweep_values[i];
    models[i].config.labels.task = "translation";
    models[i].quality.more = {{"bleu", 20.0 + static_cast<double>(i)}};
  }
  const auto charts = report::detail::sweep_charts(request, models);
  const auto bleu = std::ranges::find(charts, "sweep_bleu.svg", &std::pair<std::string, Chart>::first);
  BOOST_TEST_REQUIRE((bleu != charts.end()));
  BOOST_TEST(bleu->second.title == "BLEU against slots");
  BOOST_TEST(bleu->second.series[0].x == (std::vector<double>{2, 8}), boost::test_tools::per_element());
  BOOST_TEST(bleu->second.series[0].y == (std::vector<double>{20, 21}), boost::test_tools::per_element());
  BOOST_TEST((std::ranges::count(charts, "sweep_chrf.svg", &std::pair<std::string, Chart>::first) == 0),
             "a figure that a model lacks is not drawn");
}

BOOST_AUTO_TEST_CASE(a_sweep_into_data_that_is_not_there_ends_before_the_first_model) {
  const TemporaryFolder folder;
  ComparisonRequest request = small(folder);
  request.training.task = "translation";
  request.training.data = test::source_folder() / "samples/data/translation-tiny";
  request.sweep_key = "source", request.sweep_values = {"en", "de"};
  const auto never = [](const std::string&, const tasks::Request&) -> train::Outcome {
    throw Error("trained");
  };
  CHECK_THROWS_SAYING(compare(request, never, say_nothing), InputError, "two languages");
  BOOST_TEST(!fs::exists(folder / "all"));
}

BOOST_AUTO_TEST_CASE(a_task_that_comes_twice_has_two_folders) {
  BOOST_TEST(report::detail::folder_names({{"translation"}, {"language-modeling"}, {"translation"}}) ==
                 (std::vector<std::string>{"translation", "language-modeling", "translation-2"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_table_has_the_main_figure_of_each_task_and_the_best_baseline) {
  const auto model = [](const char* task, const char* name, const char* figure, double value) {
    ComparedModel model;
    model.name = name;
    model.config.labels.task = task;
    model.quality.more = {{figure, value}};
    model.baselines = {{"weak", {{figure, value / 4}}}, {"strong", {{figure, value / 2}}}};
    return model;
  };
  std::vector<NamedComparison> parts = {
      {"translation",
       {.models = {model("translation", "a", "bleu", 40.0), model("translation", "b", "bleu", 30.0)}}},
      {"language-modeling",
       {.models = {model("language-modeling", "a", "word_perplexity", 8.0),
                   model("language-modeling", "b", "word_perplexity", 4.0)}}}};
  parts[0].comparison.models[0].quality.intervals = {{"bleu", 38.5, 41.5}};
  BOOST_TEST(report::detail::main_table(parts) ==
             "\n| task | figure | a | b | best baseline |\n|---|---|---:|---:|---:|\n"
             "| translation | BLEU | 40 (38.5 to 41.5) | 30 | 20 |\n"
             "| language-modeling | word perplexity (lower is better) | 8 | 4 | 2 |\n");
  parts[1].comparison.models.pop_back();
  BOOST_TEST(report::detail::main_table(parts) == "", "the models differ");
}

BOOST_AUTO_TEST_CASE(a_cell_is_one_line_that_markdown_leaves_as_it_is) {
  using report::detail::cell_text;
  BOOST_TEST(cell_text(" a | b\n<c> *d* \n", 100) == "a \\| b<br>\\<c> \\*d\\*");
  BOOST_TEST(cell_text("one two three", 8) == "one two ...");
  BOOST_TEST(cell_text("\u00e4\u00e4\u00e4\u00e4", 3) == "\u00e4 ...");
  BOOST_TEST(cell_text(" \n", 8) == "");
}

BOOST_AUTO_TEST_CASE(a_model_beats_the_baseline_only_if_every_column_is_better) {
  ComparedModel model;
  model.config.labels.task = "translation";
  model.quality.more = {{"bleu", 3.0}, {"chrf", 12.0}, {"perplexity", 50.0}};
  model.baselines = {{"the source, copied", {{"bleu", 1.0}, {"chrf", 13.0}}}};
  BOOST_TEST(not_better_than_baseline(model) == std::vector<std::string>{"chrf 12, the source, copied: 13"},
             boost::test_tools::per_element());
  model.quality.more[1].value = 13.5;
  BOOST_TEST(not_better_than_baseline(model).empty());
  model.quality.more[0].value = std::monostate();
  BOOST_TEST(not_better_than_baseline(model).size() == 1u, "an unknown figure does not beat the baseline");
}

BOOST_AUTO_TEST_SUITE_END()
