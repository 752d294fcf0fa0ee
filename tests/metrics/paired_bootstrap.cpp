#include "memsizer/metrics/paired_bootstrap.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(paired_bootstraps)

using namespace memsizer;
using namespace memsizer::metrics;

namespace {

/// A metric whose scores are the mean of a number a line, and the mean's double.
CorpusMetric mean_metric() {
  CorpusMetric metric;
  metric.names = {"mean", "double"};
  metric.count = [](std::string_view hypothesis, std::span<const std::string_view>) {
    return std::vector<double>{std::stod(std::string(hypothesis)), 1};
  };
  metric.scores = [](std::span<const double> sums) {
    return std::vector<double>{sums[0] / sums[1], 2 * sums[0] / sums[1]};
  };
  return metric;
}

SegmentCounts system_of(const std::vector<std::string>& lines) {
  const std::vector<std::vector<std::string>> references = {std::vector<std::string>(lines.size())};
  return SegmentCounts(mean_metric(), lines, references);
}

/// A hundred lines, 0 and 1 by turns, of which the first `better` zeros are ones.
std::vector<std::string> coins(int better) {
  std::vector<std::string> lines;
  for (int i = 0; i < 100; ++i) lines.push_back(i % 2 == 0 && i / 2 >= better ? "0" : "1");
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_are_those_of_numpy) {
  // numpy.random.default_rng(seed).bit_generator.random_raw(3), and .choice(bound, size=4) of a new one.
  NumpyRandom raw(12345);
  BOOST_TEST(raw.next_bits() == 4193609425186963869u);
  BOOST_TEST(raw.next_bits() == 5843160025838961886u);
  BOOST_TEST(raw.next_bits() == 14708796524633321433u);
  NumpyRandom zero(0), large(std::uint64_t{1} << 40 | 7);
  BOOST_TEST(zero.next_bits() == 11749869230777074271u);
  BOOST_TEST(large.next_bits() == 15307346044642009514u);
  NumpyRandom twenty(0);
  for (const std::uint32_t expected : {17, 12, 10, 5}) BOOST_TEST(twenty.below(20) == expected);
  BOOST_TEST(twenty.below(1) == 0u);
}

BOOST_AUTO_TEST_CASE(the_mean_and_the_interval_are_those_of_a_coin) {
  const std::vector<SegmentCounts> systems = {system_of(coins(0))};
  const auto results = paired_bootstrap(mean_metric(), systems);
  BOOST_TEST_REQUIRE(results.size() == 1u);
  const BootstrapScore& mean = results[0][0];
  BOOST_TEST(mean.score == 0.5);
  BOOST_TEST(std::abs(mean.mean - 0.5) < 0.01);
  BOOST_TEST(std::abs(mean.half_width() - 1.96 * 0.05) < 0.02);  // the mean's deviation is 0.5 / sqrt(100)
  BOOST_TEST(!mean.p_value);
  BOOST_CHECK_CLOSE_FRACTION(results[0][1].half_width(), 2 * mean.half_width(), 1e-12);
}

BOOST_AUTO_TEST_CASE(a_clear_difference_is_significant_and_a_small_one_is_not) {
  const std::vector<SegmentCounts> systems = {system_of(coins(0)), system_of(coins(25)), system_of(coins(1))};
  const auto results = paired_bootstrap(mean_metric(), systems);
  BOOST_TEST(*results[1][0].p_value < 0.005);
  BOOST_TEST(*results[2][0].p_value > 0.05);
  BOOST_TEST(*results[2][0].p_value == *results[2][1].p_value);
  BOOST_TEST(results[0][0].mean == paired_bootstrap(mean_metric(), systems)[0][0].mean);
  const auto other = paired_bootstrap(mean_metric(), systems, {.samples = 1000, .seed = 2});
  BOOST_TEST(results[0][0].mean != other[0][0].mean);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_compared_is_refused) {
  const std::vector<SegmentCounts> none, one = {system_of({"1"})},
                                         uneven = {system_of({"1"}), system_of({"1", "2"})};
  CHECK_THROWS_SAYING(paired_bootstrap(mean_metric(), none), InputError, "one system or more");
  CHECK_THROWS_SAYING(paired_bootstrap(mean_metric(), uneven), InputError, "got 1 and 2");
  CHECK_THROWS_SAYING(paired_bootstrap(mean_metric(), one, {.samples = 0}), InputError, "one sample or more");
  CHECK_THROWS_SAYING(paired_bootstrap(mean_metric(), one, {.seed = -1}), InputError, "a seed of 0 or more");
}

BOOST_AUTO_TEST_SUITE_END()
