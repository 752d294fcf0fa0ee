#include "memsizer/report/axis_ticks.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(axis_ticks)

using namespace memsizer::report;

namespace {

std::string texts(const TickedRange& range) {
  std::string joined;
  for (const Tick& tick : range.ticks) joined += (joined.empty() ? "" : " ") + tick.text;
  return joined;
}

}  // namespace

BOOST_AUTO_TEST_CASE(linear_ticks_are_round_numbers) {
  BOOST_TEST(texts(ticked_range(20, 5000, Scale::linear, false)) == "0 1,000 2,000 3,000 4,000 5,000");
  BOOST_TEST(texts(ticked_range(3.61, 7.66, Scale::linear, true)) == "3 4 5 6 7 8");
  BOOST_TEST(texts(ticked_range(-0.3, 0.2, Scale::linear, true)) == "-0.3 -0.2 -0.1 0 0.1 0.2");
  BOOST_TEST(texts(ticked_range(1e-7, 6e-7, Scale::linear, true)) == "0 1e-07 2e-07 3e-07 4e-07 5e-07 6e-07");
}

// Numbers of this size do not change when 0.5 is added.
BOOST_AUTO_TEST_CASE(ticks_come_to_an_end) {
  BOOST_TEST(ticked_range(1e16, 1e16 + 2, Scale::linear, false).ticks.size() <= 100u);
}

BOOST_AUTO_TEST_CASE(widened_ranges_end_at_ticks) {
  const TickedRange range = ticked_range(3.61, 7.66, Scale::linear, true);
  BOOST_TEST(range.low == 3);
  BOOST_TEST(range.high == 8);
  const TickedRange exact = ticked_range(3.61, 7.66, Scale::linear, false);
  BOOST_TEST(exact.low == 3.61);
  BOOST_TEST(exact.high == 7.66);
}

BOOST_AUTO_TEST_CASE(one_value_gets_room) {
  for (const double value : {0.0, 5.0, -5.0}) {
    const TickedRange range = ticked_range(value, value, Scale::linear, true);
    BOOST_TEST(range.low < value);
    BOOST_TEST(range.high > value);
    BOOST_TEST(range.ticks.size() >= 3u);
  }
  const TickedRange range = ticked_range(5, 5, Scale::log10, true);
  BOOST_TEST(range.low < 5);
  BOOST_TEST(range.high > 5);
}

BOOST_AUTO_TEST_CASE(logarithmic_ticks_are_powers) {
  BOOST_TEST(texts(ticked_range(16, 16384, Scale::log2, false)) == "16 64 256 1,024 4,096 16,384");
  BOOST_TEST(texts(ticked_range(1e-3, 2e4, Scale::log10, true)) == "0.001 0.1 10 1,000 100,000");
  BOOST_TEST(texts(ticked_range(130e3, 130e6, Scale::log2, true, TickText::bytes)) ==
             "64 KiB 256 KiB 1 MiB 4 MiB 16 MiB 64 MiB");
}

BOOST_AUTO_TEST_CASE(short_decades_have_ticks_between) {
  BOOST_TEST(texts(ticked_range(380, 3500, Scale::log10, true)) == "200 500 1,000 2,000 5,000");
  BOOST_TEST(texts(ticked_range(5, 9, Scale::log10, true)) == "5 10");
}

BOOST_AUTO_TEST_CASE(outermost_points_stand_inside_a_logarithmic_range) {
  const TickedRange range = ticked_range(16, 16384, Scale::log2, false);
  BOOST_TEST(range.low < 16);
  BOOST_TEST(range.high > 16384);
}

BOOST_AUTO_TEST_SUITE_END()
