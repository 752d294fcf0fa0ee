#include "memsizer/base/clock.hpp"

#include <thread>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(steady_clock)

BOOST_AUTO_TEST_CASE(seconds_pass_and_never_go_back) {
  const double start = memsizer::steady_seconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double passed = memsizer::steady_seconds() - start;
  BOOST_TEST(passed >= 0.02);
  BOOST_TEST(passed < 600);
}

BOOST_AUTO_TEST_SUITE_END()
