#include "memsizer/report/run_curves.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(run_curves)

using namespace memsizer;
using namespace memsizer::report;
using namespace memsizer::train;

namespace {

RunCurves read(const TemporaryFolder& folder, std::string_view metrics) {
  folder.write("metrics.jsonl", metrics);
  return read_curves(RunDirectory(folder.path()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_become_points) {
  const TemporaryFolder folder;
  const RunCurves curves =
      read(folder, R"({"step": 1, "tokens": 100, "seconds": 2, "loss": 9, "tokens_per_second": null}
{"step": 11, "tokens": 1100, "seconds": 7, "loss": 8, "tokens_per_second": 200}
{"step": 6, "validation_loss": 8.5, "perplexity": null}
{"step": 21, "tok)");
  const auto per_element = boost::test_tools::per_element();
  BOOST_TEST(curves.steps == (std::vector<double>{1, 11}), per_element);
  BOOST_TEST(curves.losses == (std::vector<double>{9, 8}), per_element);
  BOOST_TEST(curves.rates == (std::vector<double>{200}), per_element);
  BOOST_TEST(curves.validation_steps == (std::vector<double>{6}), per_element);
  BOOST_TEST(curves.validation_losses == (std::vector<double>{8.5}), per_element);
}

BOOST_AUTO_TEST_CASE(bad_lines_are_named) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(read(folder, "{\"step\": 1, \"validation_loss\": 2}\nno json\n"), InputError,
                      "metrics.jsonl:2:");
  CHECK_THROWS_SAYING(read(folder, "{\"step\": 1}\n"), InputError, "metrics.jsonl:1: ");
  CHECK_THROWS_SAYING(read(folder, "{\"step\": \"x\", \"loss\": 1}\n"), InputError, "step");
  CHECK_THROWS_SAYING(read_curves(RunDirectory(folder / "absent")), InputError, "absent");
}

BOOST_AUTO_TEST_CASE(a_run_has_one_color_and_one_entry) {
  const RunCurves both{.steps = {1, 3},
                       .tokens = {10, 30},
                       .seconds = {1, 5},
                       .losses = {9, 7},
                       .validation_steps = {0, 2, 4},
                       .validation_losses = {9, 8, 7},
                       .validation_figures = {},
                       .rates = {}};
  RunCurves training = both;
  training.validation_steps = training.validation_losses = {};
  const Chart chart = loss_chart({{"a", both}, {"b", training}}, Progression::tokens);
  BOOST_TEST_REQUIRE(chart.series.size() == 3u);
  BOOST_TEST(chart.x.title == "tokens");
  BOOST_TEST(chart.series[0].title == "");
  BOOST_TEST(chart.series[1].title == "a");
  BOOST_TEST(chart.series[1].color == chart.series[0].color);
  BOOST_TEST(chart.series[2].title == "b");
  BOOST_TEST(chart.series[2].color == 1);
  BOOST_TEST(chart.series[1].x == (std::vector<double>{10, 20, 30}), boost::test_tools::per_element());
  const Chart by_time = loss_chart({{"a", both}}, Progression::seconds);
  BOOST_TEST(by_time.series[1].x == (std::vector<double>{1, 3, 5}), boost::test_tools::per_element());
  const Chart by_step = loss_chart({{"a", both}});
  BOOST_TEST(by_step.series[1].x == (std::vector<double>{0, 2, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_figure_of_the_validations_is_drawn_where_it_is_known) {
  const TemporaryFolder folder;
  const RunCurves curves =
      read(folder, R"({"step": 1, "tokens": 100, "seconds": 60, "loss": 9, "tokens_per_second": null}
{"step": 1, "validation_loss": 8.5, "perplexity": 20}
{"step": 3, "tokens": 300, "seconds": 180, "loss": 9, "tokens_per_second": 2}
{"step": 3, "validation_loss": 8, "perplexity": 10, "bleu": 3.5, "bleu_signature": "tok:13a"}
{"step": 3, "validation_loss": 7, "bleu": null}
)");
  const Chart chart = figure_chart({{"a", curves}, {"b", {}}}, "bleu", Progression::minutes);
  BOOST_TEST_REQUIRE(chart.series.size() == 1u);
  BOOST_TEST(chart.x.title == "minutes");
  BOOST_TEST(chart.series[0].x == (std::vector<double>{3}), boost::test_tools::per_element());
  BOOST_TEST(chart.series[0].y == (std::vector<double>{3.5}), boost::test_tools::per_element());
  BOOST_TEST(figure_chart({{"a", curves}}, "perplexity").series[0].y == (std::vector<double>{20, 10}),
             boost::test_tools::per_element());
  CHECK_THROWS_SAYING(figure_chart({{"a", curves}}, "blue"), InputError, "bleu, perplexity");
}

BOOST_AUTO_TEST_CASE(long_curves_are_means_of_neighbours) {
  RunCurves run;
  for (int i = 0; i < 1000; ++i) {
    run.steps.push_back(i);
    run.losses.push_back(i % 3);
  }
  const Chart chart = loss_chart({{"a", run}});
  BOOST_TEST_REQUIRE(chart.series[0].x.size() == 334u);
  BOOST_TEST(chart.series[0].x[0] == 1);
  BOOST_TEST(chart.series[0].y[0] == 1);
  BOOST_TEST(chart.series[0].x.back() == 999);
}

BOOST_AUTO_TEST_SUITE_END()
