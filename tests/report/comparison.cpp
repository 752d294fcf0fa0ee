// Models side by side: what is trained, what the report holds, and what a sweep trains again.
#include "memsizer/report/comparison.hpp"

#include <csignal>
#include <map>

#include <boost/test/unit_test.hpp>

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(comparison)

using namespace memsizer;
using namespace memsizer::report;
using decode::cost_lengths;
using train::Outcome;

namespace {

ComparisonRequest small_comparison(const TemporaryFolder& folder) {
  test::write_text(folder);
  ComparisonRequest request;
  request.training = test::small_request(folder, "comparison", "", 2);
  return request;
}

/// Made-up results of a comparison: a Transformer, and MemSizers with 4 and 16 slots.
std::vector<ComparedModel> found_models() {
  std::vector<ComparedModel> models;
  for (const auto& [name, architecture, value, loss] : {std::tuple{"transformer", "transformer", "", 3.0},
                                                        {"memsizer-slots-4", "memsizer", "4", 5.0},
                                                        {"memsizer-slots-16", "memsizer", "16", 4.0}}) {
    ComparedModel model{.name = name, .architecture = architecture, .sweep_value = value, .steps = 9};
    model.quality = {.split = "test", .loss = loss};
    for (const char* key : {"perplexity", "word_perplexity", "bits_per_byte"})
      model.quality.more.push_back({key, loss});
    model.costs = {{16, 100, 1024}, {64, 50, model.sweep_value.empty() ? 4096 : 1024}};
    model.curves.steps = {1, 2}, model.curves.losses = {9, loss};
    models.push_back(model);
  }
  return models;
}

Outcome train_one(const std::string&, const tasks::Request& request) {
  return train_and_draw(request, {});
}

Comparison run(const ComparisonRequest& request) {
  return compare(request, train_one, [](const std::string&) {});
}

}  // namespace

BOOST_AUTO_TEST_CASE(both_models_are_trained_and_measured, *boost::unit_test::label("slow")) {
  const TemporaryFolder folder;
  const ComparisonRequest request = small_comparison(folder);
  const Comparison comparison = run(request);
  BOOST_TEST_REQUIRE(comparison.models.size() == 2u);
  const ComparedModel &transformer = comparison.models[0], &memsizer = comparison.models[1];
  BOOST_TEST(transformer.name == "transformer");
  BOOST_TEST(memsizer.name == "memsizer");
  BOOST_TEST(memsizer.steps == 2);
  BOOST_TEST(memsizer.quality.split == "test");
  BOOST_TEST_REQUIRE(memsizer.costs.size() == cost_lengths().size());
  for (std::size_t i = 0; i < memsizer.costs.size(); ++i) {
    BOOST_TEST(memsizer.costs[i].length == cost_lengths()[i]);
    BOOST_TEST(memsizer.costs[i].state_bytes == memsizer.costs[0].state_bytes);
    BOOST_TEST(memsizer.costs[i].tokens_per_second > 0);
  }
  BOOST_TEST(transformer.costs.back().state_bytes > 1000 * transformer.costs[0].state_bytes);
  for (const char* part : {"| transformer |", "| memsizer |", "16,384"})
    BOOST_TEST(comparison.report.find(part) != std::string::npos, part);
  BOOST_TEST(contents(folder / "comparison/report.md") == comparison.report);
  const auto json = nlohmann::json::parse(contents(folder / "comparison/report.json"));
  BOOST_TEST(json["memsizer"]["generation"].size() == cost_lengths().size());
  // Both models had the same settings and the same tokenizer.
  train::Config alike = memsizer.config;
  alike.labels.architecture = "transformer";
  alike.model.attention = {"transformer"};
  BOOST_TEST((alike == transformer.config));
  BOOST_TEST(contents(folder / "comparison/transformer/tokenizer.json") ==
             contents(folder / "comparison/tokenizer.json"));
  BOOST_TEST(contents(folder / "comparison/memsizer/tokenizer.json") ==
             contents(folder / "comparison/tokenizer.json"));
}

BOOST_AUTO_TEST_CASE(a_sweep_trains_what_depends_on_the_key, *boost::unit_test::label("slow")) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.sweep_key = "slots";
  request.sweep_values = {"2", "5"};
  const std::vector<ComparedModel> models = run(request).models;
  std::vector<std::string> names;
  for (const ComparedModel& model : models) names.push_back(model.name);
  BOOST_TEST(names == (std::vector<std::string>{"transformer", "memsizer-slots-2", "memsizer-slots-5"}),
             boost::test_tools::per_element());
  BOOST_TEST(models[2].costs[0].state_bytes > models[1].costs[0].state_bytes);
  BOOST_TEST(contents(folder / "comparison/report.md").find("sweep_quality") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_steps_are_reported_and_every_run_has_a_rate) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.architectures = {"memsizer", "linear"};
  request.training.budget.steps = 13;
  request.training.settings.insert(request.training.settings.end(), {"log_every=10", "positions=learned"});
  for (const ComparedModel& model : run(request).models) BOOST_TEST(model.steps == 13, model.name);
  request.training.output = folder / "short";
  request.training.budget.steps = 3;
  const auto [models, report, outcome] = run(request);
  BOOST_TEST_REQUIRE(models.size() == 2u);
  for (const ComparedModel& model : models) {
    BOOST_TEST(model.steps == 3, model.name);
    BOOST_TEST(model.training_rate > 0, model.name);
    BOOST_TEST(report.find("| " + model.name + " |") != report.npos, report);
  }
  BOOST_TEST(models[1].name == "linear");
  BOOST_TEST(models[1].config.model.attention == (std::vector<std::string>{"linear"}),
             boost::test_tools::per_element());
  BOOST_TEST(models[1].quality.loss > 0);
  // Every measured length needs more than the 16 positions that are learned.
  BOOST_TEST(report.find("learned positions end at 16 tokens") != report.npos, report);
}

BOOST_AUTO_TEST_CASE(the_report_says_what_was_compared) {
  const test::HiddenGnuplot hidden;
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.training.output = folder.path();
  request.sweep_key = "slots", request.sweep_values = {"4", "16"};
  request.program = "memsizer 1.2.3";
  std::vector<ComparedModel> models = found_models();
  models[0].quality.more[1].value = {};  // the word perplexity
  models[0].quality.reason = "the text is lost";
  models[1].quality.more.pop_back();
  std::string told;
  const std::string report =
      write_report(request, models, models.size(), [&](const std::string& text) { told += text; });
  const std::string data = request.training.data.string();
  for (const std::string& part :
       {"- data: " + data, std::string("- preset: "), std::string("- trained for: 2 steps"),
        std::string("- seed: 1"), std::string("- device: cpu"), std::string("- threads: "),
        std::string("- program: memsizer 1.2.3"), std::string("- sweep: slots=4,16"),
        std::string("- set: vocab=270 "), std::string("of transformer: the text is lost."),
        std::string("of memsizer-slots-4: the task's evaluation has no figure bits_per_byte.")})
    BOOST_TEST(report.find(part) != report.npos, part << " is not in\n" << report);
  BOOST_TEST(told.find(gnuplot_hint) == 0u);
  BOOST_TEST(told.find(gnuplot_hint, 1) == told.npos);  // once for all pictures
  const auto json = nlohmann::json::parse(contents(folder / "report.json"));
  BOOST_TEST(json["transformer"]["settings"]["data"] == data);
}

BOOST_AUTO_TEST_CASE(losses_and_both_costs_are_drawn) {
  const auto charts = report::detail::charts_of({}, found_models());
  std::vector<std::string> files;
  for (const auto& [file, chart] : charts) files.push_back(file);
  BOOST_TEST(files == (std::vector<std::string>{"loss.svg", "generation_time.svg", "state_bytes.svg"}),
             boost::test_tools::per_element());
  const auto check_curve = [](const Chart& chart, const std::vector<double>& x,
                              const std::vector<double>& y) {
    BOOST_TEST_REQUIRE(chart.series.size() == 3u);
    BOOST_TEST(chart.series[0].title == "transformer");
    BOOST_TEST(chart.series[0].x == x, boost::test_tools::per_element());
    BOOST_TEST(chart.series[0].y == y, boost::test_tools::per_element());
  };
  check_curve(charts[0].second, {1, 2}, {9, 3});
  check_curve(charts[1].second, {16, 64}, {10, 20});  // 100 and 50 tokens a second in ms a token
  check_curve(charts[2].second, {16, 64}, {1024, 4096});
}

BOOST_AUTO_TEST_CASE(a_sweep_is_drawn_against_what_it_does_not_change) {
  ComparisonRequest request;
  request.sweep_key = "slots";
  const std::vector<ComparedModel> models = found_models();
  const auto charts = report::detail::sweep_charts(request, models);
  BOOST_TEST_REQUIRE(charts.size() == 3u);
  BOOST_TEST(charts[1].second.title == "State after 64 tokens against slots");
  BOOST_TEST(charts[2].second.title == "Time to generate a token after 64 tokens against slots");
  const std::vector<std::vector<double>> level = {{3, 3}, {4096, 4096}, {20, 20}},
                                         swept = {{5, 4}, {1024, 1024}, {20, 20}};
  for (std::size_t i = 0; i < charts.size(); ++i) {
    const Chart& chart = charts[i].second;
    BOOST_TEST_REQUIRE(chart.series.size() == 2u);
    const Series &transformer = chart.series[0], &memsizer = chart.series[1];
    BOOST_TEST(transformer.title == "transformer");
    for (const Series& series : chart.series)
      BOOST_TEST(series.x == (std::vector<double>{4, 16}), boost::test_tools::per_element());
    BOOST_TEST(transformer.y == level[i], boost::test_tools::per_element());
    BOOST_TEST(memsizer.y == swept[i], boost::test_tools::per_element());
    BOOST_TEST((transformer.style == SeriesStyle::line && memsizer.style == SeriesStyle::line_with_points));
  }
}

BOOST_AUTO_TEST_CASE(an_architecture_has_one_color_in_every_chart) {
  ComparisonRequest request;
  request.sweep_key = "slots";
  std::vector<ComparedModel> models = found_models();
  std::ranges::rotate(models, models.begin() + 1);
  request.architectures = {"memsizer", "transformer"};
  std::map<std::string, std::set<int>> colors;
  for (const auto& [file, chart] : report::detail::charts_of(request, models))
    for (const Series& series : chart.series)
      colors[series.title == "memsizer-slots-4" ? "memsizer" : series.title].insert(series.color);
  BOOST_TEST(colors["transformer"] == std::set<int>{0}, boost::test_tools::per_element());
  BOOST_TEST(colors["memsizer"] == std::set<int>{1}, boost::test_tools::per_element());
  BOOST_TEST(colors["memsizer-slots-16"] == std::set<int>{static_cast<int>(tasks::architectures().size())},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ctrl_c_is_heard_while_a_model_is_measured) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.architectures = {"memsizer"};
  for (const char* work : {"scoring", "measuring"}) {
    request.training.output = folder / work;
    const auto interrupt = [&](const std::string& text) {
      if (text.find(work) != text.npos) std::raise(SIGINT);
    };
    BOOST_TEST((compare(request, train_one, interrupt).outcome == Outcome::interrupted));
    BOOST_TEST(!std::filesystem::exists(folder / work / "report.md"));
  }
}

BOOST_AUTO_TEST_CASE(what_was_done_before_ctrl_c_is_reported_and_the_comparison_goes_on) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  const auto interrupt = [](const std::string& text) {
    if (text.find("memsizer: measuring") != text.npos) std::raise(SIGINT);
  };
  const Comparison half = compare(request, train_one, interrupt);
  BOOST_TEST((half.outcome == Outcome::interrupted));
  BOOST_TEST(half.models.size() == 1u);
  BOOST_TEST(half.report.find("1 of 2 models are done") != std::string::npos);
  BOOST_TEST(contents(folder / "comparison/report.md") == half.report);
  CHECK_THROWS_SAYING(run(request), InputError, "--resume goes on with the comparison in it");

  request.training.resume = tasks::Resume::yes;
  ComparisonRequest other = request;
  other.training.settings.push_back("ffn=12");
  CHECK_THROWS_SAYING(run(other), InputError, "transformer: was begun with ffn = 8, and 12 is asked for");
  other = request;
  other.training.output = folder / "data";
  CHECK_THROWS_SAYING(run(other), InputError, "no comparison is here that could go on");
  const Comparison whole = run(request);
  BOOST_TEST((whole.outcome == Outcome::finished));
  BOOST_TEST_REQUIRE(whole.models.size() == 2u);
  BOOST_TEST(whole.models[1].steps == 2);
  BOOST_TEST(whole.report.find("interrupted") == std::string::npos);
}

// A model that has not begun yet has no configuration to compare with; comparison.json has the facts.
BOOST_AUTO_TEST_CASE(a_comparison_goes_on_with_its_own_data_and_tokenizer_only) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.architectures = {"transformer"};
  run(request);
  request.architectures = {"memsizer"};
  request.training.resume = tasks::Resume::yes;
  const auto refused = [&](const ComparisonRequest& changed, const char* part) {
    CHECK_THROWS_SAYING(run(changed), InputError, part);
    BOOST_TEST(!std::filesystem::exists(folder / "comparison/memsizer"));
  };
  for (const auto& [setting, part] : {std::pair{"vocab=265", "begun with vocab = 270, and 265 is asked for"},
                                      {"normalizer=nfc", "begun with normalizer = \"none\", and \"nfc\""}}) {
    ComparisonRequest changed = request;
    changed.training.settings.push_back(setting);
    refused(changed, part);
  }
  ComparisonRequest changed = request;
  changed.training.tokenizer = folder / "comparison/tokenizer.json";
  refused(changed, "begun with tokenizer = null, and");
  changed = request;
  changed.training.data = folder / "other";
  folder.write("other/train.txt", " the town sleeps by the river and the lake .\n");
  refused(changed, "begun with train = ");
  std::filesystem::remove(folder / "comparison/comparison.json");
  refused(request, "no comparison is here that could go on (it has no comparison.json)");
  changed = request;
  changed.training.resume = tasks::Resume::no;
  refused(changed, "it has no comparison.json, so --resume cannot go on with it");
}

BOOST_AUTO_TEST_CASE(a_comparison_in_progress_has_its_folder_for_itself) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  request.architectures = {"memsizer"};
  const auto meanwhile = [&](const std::string& name, const tasks::Request& own) {
    ComparisonRequest second = request;
    second.training.resume = tasks::Resume::yes;
    CHECK_THROWS_SAYING(run(second), InputError, "comparison: in use by process");
    return train_one(name, own);
  };
  BOOST_TEST(compare(request, meanwhile, [](const std::string&) {}).models.size() == 1u);
}

BOOST_AUTO_TEST_CASE(models_may_begin_with_another_run) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  train_and_draw(test::small_request(folder, "first", "memsizer", 1), {});
  request.architectures = {"memsizer"};
  request.training.from = folder / "first";
  request.training.settings = {"accumulate=2", "batch=3", "log_every=1", "warmup=2"};
  const Comparison comparison = run(request);
  BOOST_TEST(comparison.models[0].config.model.dim == 8);
  BOOST_TEST(contents(folder / "comparison/tokenizer.json") == contents(folder / "first/tokenizer.json"));
  BOOST_TEST(comparison.report.find("- from: " + (folder / "first").string()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused_before_anything_is_trained) {
  const TemporaryFolder folder;
  ComparisonRequest request = small_comparison(folder);
  const auto refused = [&](ComparisonRequest changed, const char* part) {
    CHECK_THROWS_SAYING(run(changed), InputError, part);
    BOOST_TEST(!std::filesystem::exists(folder / "comparison"));
  };
  ComparisonRequest changed = request;
  changed.sweep_key = "slot";
  changed.sweep_values = {"2"};
  refused(changed, "slots");
  changed.sweep_key = "slots";
  changed.sweep_values = {"two"};
  refused(changed, "slots");
  changed.sweep_key = "heads";
  changed.sweep_values = {"2", "3"};
  refused(changed, "heads");
  changed = request;
  changed.architectures = {"transformer", "lstm"};
  refused(changed, "lstm");
  changed.architectures = {};
  refused(changed, "--architectures: at least one expected");
  changed.architectures = {"memsizer", "memsizer"};
  refused(changed, "the model memsizer is asked for twice");
  changed = request;
  changed.sweep_key = "slots";
  changed.sweep_values = {"4", "4"};
  refused(changed, "memsizer-slots-4 is asked for twice");
  changed.sweep_values = {"4", "5"};
  changed.architectures = {"transformer"};
  refused(changed, "no layer of the model has an attention that reads it: memsizer");
  changed.sweep_key = "vocab";
  changed.sweep_values = {"270", "280"};
  refused(changed, "share one tokenizer");
  changed.sweep_key = "seed";
  changed.sweep_values = {"1", "2"};
  changed.training.seed = 3;
  refused(changed, "--seed sets it for all models");
  changed = request;
  changed.training.budget = {};
  refused(changed, "how long");
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_empty_is_refused_in_its_own_words) {
  const TemporaryFolder folder;
  const ComparisonRequest request = small_comparison(folder);
  folder.write("comparison/tokenizer.json", "{}");
  CHECK_THROWS_SAYING(run(request), InputError, "another --output begins a new one");
}

BOOST_AUTO_TEST_CASE(an_interrupted_training_ends_the_comparison) {
  const TemporaryFolder folder;
  int trained = 0;
  const auto interrupted = [&](const std::string&, const tasks::Request&) {
    return ++trained, Outcome::interrupted;
  };
  const Comparison comparison = compare(small_comparison(folder), interrupted, [](const std::string&) {});
  BOOST_TEST((comparison.outcome == Outcome::interrupted));
  BOOST_TEST(trained == 1);
}

BOOST_AUTO_TEST_SUITE_END()
