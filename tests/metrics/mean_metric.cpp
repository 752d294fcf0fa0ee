#include "memsizer/metrics/mean_metric.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/metrics/paired_bootstrap.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(mean_metrics)

using namespace memsizer;
using namespace memsizer::metrics;
using Lines = std::vector<std::string>;

namespace {

/// Whether the lines are equal, and whether their sizes are.
CorpusMetric equality() {
  return mean_metric({"equal", "size"}, [](std::string_view hypothesis, std::string_view reference) {
    return std::vector<double>{hypothesis == reference ? 1.0 : 0.0,
                               hypothesis.size() == reference.size() ? 1.0 : 0.0};
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_score_is_the_mean_over_segments) {
  const CorpusMetric metric = equality();
  const Lines hypotheses = {"a", "b", "c", "dd"};
  const SegmentCounts counts(metric, hypotheses, std::vector<Lines>{{"a", "x", "y", "z"}});
  BOOST_TEST((metric.scores(counts.sums()) == std::vector<double>{25, 75}));
  BOOST_TEST(metric.details(counts.sums()).empty());
  BOOST_TEST(metric.settings.empty());
}

BOOST_AUTO_TEST_CASE(each_score_takes_its_best_reference) {
  const CorpusMetric metric = equality();
  const std::vector<std::string_view> references = {"xyz", "b", "aa"};
  BOOST_TEST((metric.count("aa", references) == std::vector<double>{1, 1, 1}));
  BOOST_TEST((metric.count("cc", references) == std::vector<double>{0, 1, 1}));
  BOOST_TEST((metric.count("four", references) == std::vector<double>{0, 0, 1}));
  CHECK_THROWS_SAYING(metric.count("a", {}), InputError, "one reference or more, got none");
}

BOOST_AUTO_TEST_CASE(resampling_sees_a_better_system) {
  const CorpusMetric metric = equality();
  const Lines reference(40, "a");
  Lines worse(40, "b"), better(40, "b");
  for (std::size_t i = 0; i < 40; ++i) {
    if (i % 4 == 0) worse[i] = "a";
    if (i % 4 != 1) better[i] = "a";
  }
  const std::vector<Lines> references = {reference};
  const std::vector<SegmentCounts> systems = {{metric, worse, references}, {metric, better, references}};
  const auto results = paired_bootstrap(metric, systems);
  BOOST_TEST(results[0][0].score == 25);
  BOOST_TEST(results[1][0].score == 75);
  BOOST_TEST(std::abs(results[1][0].mean - 75) < 1);
  BOOST_TEST(*results[1][0].p_value < 0.01);
  BOOST_TEST(*results[1][1].p_value == 1.0 / 1001);  // both sizes are right everywhere
}

BOOST_AUTO_TEST_SUITE_END()
