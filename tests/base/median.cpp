#include "memsizer/base/median.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(median_of_numbers)

using memsizer::median;

BOOST_AUTO_TEST_CASE(medians_are_the_middle) {
  BOOST_TEST(median({3, 1, 2}) == 2);
  BOOST_TEST(std::isnan(median({})));
}

BOOST_AUTO_TEST_SUITE_END()
