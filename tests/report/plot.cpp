#include "memsizer/report/plot.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>
#include <unistd.h>

#include "files/saving.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(plot)

using namespace memsizer;
using namespace memsizer::report;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Chart small_chart() {
  return {.title = "Loss",
          .x = {"step"},
          .y = {"nats a token"},
          .series = {{"one", {1, 2, 3}, {4, not_a_number, 2}}, {"two", {1, 3}, {5, 3}}}};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

boost::test_tools::assertion_result has_gnuplot(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(run_gnuplot("").has_value());
  found.message() << gnuplot_hint;
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(texts_cannot_become_commands) {
  BOOST_TEST(report::detail::gnuplot_string("it's") == "'it''s'");
  BOOST_TEST(report::detail::gnuplot_string("a\nsystem 'x'\t`y`\\") == "'a system ''x'' `y`\\'");
}

BOOST_AUTO_TEST_CASE(the_script_holds_data_axes_and_gaps) {
  const std::string script = gnuplot_script(small_chart(), true);
  BOOST_TEST(contains(script, "$series0 << end_of_series\n1 4\n\n3 2\nend_of_series\n"));
  BOOST_TEST(contains(script, "set yrange [2:5]\n"));
  BOOST_TEST(contains(script, "title 'one'"));
  BOOST_TEST(!contains(script, "logscale"));
}

BOOST_AUTO_TEST_CASE(what_a_logarithm_cannot_show_leaves_a_gap) {
  Chart chart = small_chart();
  chart.y.scale = Scale::log10;
  chart.series[0].y = {0, -1, 2};
  const std::string script = gnuplot_script(chart, true);
  BOOST_TEST(contains(script, "set logscale y 10\n"));
  BOOST_TEST(contains(script, "$series0 << end_of_series\n\n\n3 2\nend_of_series\n"));
}

BOOST_AUTO_TEST_CASE(series_of_one_color_belong_together) {
  Chart chart = small_chart();
  chart.series[0] = {"", {1}, {1}, SeriesStyle::faint_line, 1};
  chart.series[1] = {"b", {1}, {2}, SeriesStyle::line_with_points, 1};
  chart.series.push_back({"c", {1}, {3}});
  const std::string script = gnuplot_script(chart, true);
  BOOST_TEST(contains(script, "linecolor rgb '#99D55E00' notitle"));
  BOOST_TEST(contains(script, "linecolor rgb '#D55E00' title 'b'"));
  BOOST_TEST(contains(script, "linecolor rgb '#009E73' title 'c'"));
}

BOOST_AUTO_TEST_CASE(bad_charts_are_refused) {
  Chart chart = small_chart();
  chart.series[0].x.pop_back();
  CHECK_THROWS_SAYING(gnuplot_script(chart, true), InputError, "has 2 x and 3 y");
  chart.series = {{"nothing", {1}, {not_a_number}}};
  CHECK_THROWS_SAYING(gnuplot_script(chart, true), InputError, "no point to draw");
  CHECK_THROWS_SAYING(draw(small_chart(), "curves.pdf"), InputError, ".svg or .png");
}

BOOST_AUTO_TEST_CASE(without_gnuplot_the_data_is_written) {
  const TemporaryFolder folder;
  const DrawnChart drawn = draw(small_chart(), folder / "curves.svg", "no-such-program-of-ours");
  BOOST_TEST(drawn.why_no_picture == gnuplot_hint);
  BOOST_TEST(drawn.file == folder / "curves.dat");
  BOOST_TEST(contents(drawn.file) ==
             "# 'one': 'step', 'nats a token'\n1 4\n\n3 2\n\n\n# 'two': 'step', 'nats a token'\n1 5\n3 3\n");
  BOOST_TEST(!std::filesystem::exists(folder / "curves.svg"));
}

BOOST_AUTO_TEST_CASE(pictures_are_drawn, *boost::unit_test::precondition(has_gnuplot)) {
  const TemporaryFolder folder;
  Chart chart = small_chart();
  chart.title = "<one> & 'two' \\ `touch x` $y @z_1^2 {} %s \xc3\xa4";
  const std::filesystem::path svg = folder / "it's; touch x `y`.svg", png = folder / "curves.png";
  BOOST_TEST(draw(chart, svg).is_picture());
  BOOST_TEST(contains(contents(svg), "</svg>"));
  BOOST_TEST(contains(contents(svg), "&lt;one> &amp; 'two' \\ `touch x` $y @z_1^2 {} %s \xc3\xa4"));
  draw(chart, png);
  BOOST_TEST(contents(png).starts_with("\x89PNG\r\n"));
  BOOST_TEST(contains(contents(png), "IEND"));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    BOOST_TEST((entry.path() == svg || entry.path() == png), entry.path());
}

BOOST_AUTO_TEST_CASE(every_scale_and_style_is_drawn, *boost::unit_test::precondition(has_gnuplot)) {
  const TemporaryFolder folder;
  for (const Scale scale : {Scale::linear, Scale::log2, Scale::log10}) {
    Chart chart{.title = "t", .x = {"x", scale}, .y = {"y", scale, TickText::bytes}, .series = {}};
    for (const SeriesStyle style :
         {SeriesStyle::line, SeriesStyle::faint_line, SeriesStyle::line_with_points, SeriesStyle::points})
      chart.series.push_back({"s", {16, 1024, 16384}, {1e3, 1e6, 1e9}, style});
    draw(chart, folder / "chart.svg");
    BOOST_TEST(contains(contents(folder / "chart.svg"), "MiB"));
  }
}

BOOST_AUTO_TEST_CASE(a_failing_gnuplot_is_reported, *boost::unit_test::precondition(has_gnuplot)) {
  CHECK_THROWS_SAYING(run_gnuplot("no such command\n"), SystemError, "gnuplot failed");
}

BOOST_AUTO_TEST_CASE(a_failed_drawing_leaves_the_old_picture_and_the_data) {
  const TemporaryFolder folder;
  folder.write("curves.svg", "old");
  const DrawnChart drawn = draw(small_chart(), folder / "curves.svg", "false");
  BOOST_TEST(contains(drawn.why_no_picture, "gnuplot failed"));
  BOOST_TEST(contents(folder / "curves.dat") == chart_data(small_chart()));
  BOOST_TEST(contents(folder / "curves.svg") == "old");
}

// Ctrl-C on a terminal goes to the foreground's process group. gnuplot must not be in this group.
BOOST_AUTO_TEST_CASE(what_draws_has_a_process_group_of_its_own) {
  const TemporaryFolder folder;
  const auto script = folder.write("group", "#!/bin/sh\ncut -d' ' -f5 /proc/self/stat\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const std::optional<std::string> group = run_gnuplot("", script.c_str());
  BOOST_TEST_REQUIRE(group.has_value());
  BOOST_TEST(std::stol(*group) != static_cast<long>(::getpgrp()));
}

BOOST_AUTO_TEST_CASE(a_picture_that_gnuplot_could_not_finish_is_none) {
  const TemporaryFolder folder;
  for (const char* name : {"curves.svg", "curves.png"}) {
    folder.write(name, "old");
    for (const char* part : {"", "<svg>half", "\x89PNG half"}) {
      const auto half = folder.write("half", concatenate("#!/bin/sh\nprintf '", part, "'\n"));
      std::filesystem::permissions(half, std::filesystem::perms::owner_all);
      BOOST_TEST(contains(draw(small_chart(), folder / name, half.c_str()).why_no_picture, "is cut off"));
    }
    BOOST_TEST(contents(folder / name) == "old");
  }
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_no_picture) {
  const TemporaryFolder folder;
  const FileSizeLimit limit(10);
  for (const char* gnuplot : {"gnuplot", "no-such-program-of-ours"})
    CHECK_THROWS_SAYING(draw(small_chart(), folder / "curves.svg", gnuplot), SystemError,
                        (folder / "curves.").string());
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_SUITE_END()
