#include "memsizer/base/bfloat16.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(bfloat16_numbers)

using memsizer::bfloat16;

namespace {

bool is_number(std::uint16_t bits) {
  return (bits & 0x7F80) != 0x7F80;
}

float value(int bits) {
  return bfloat16::from_bits(static_cast<std::uint16_t>(bits));
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_one_of_them_keeps_its_bits) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const float x = value(bits);
    if (std::isnan(x)) {
      BOOST_TEST(std::isnan(static_cast<float>(bfloat16(x))));
      BOOST_TEST(std::isnan(static_cast<float>(bfloat16(static_cast<double>(x)))));
    } else {
      BOOST_TEST(bfloat16(x).bits() == bits);
      BOOST_TEST(bfloat16(static_cast<double>(x)).bits() == bits);
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_between_two_go_to_the_nearer_one_and_ties_to_the_even_one) {
  // For every two neighbours of both signs: the middle, and the floats and doubles just beside it.
  for (int sign : {0, 0x8000})
    for (int magnitude = 0; is_number(static_cast<std::uint16_t>(magnitude + 1)); ++magnitude) {
      const int low = sign | magnitude, high = sign | (magnitude + 1), even = magnitude % 2 == 0 ? low : high;
      const double middle = (static_cast<double>(value(low)) + value(high)) / 2;
      const auto middle_float = static_cast<float>(middle);
      BOOST_TEST_REQUIRE(static_cast<double>(middle_float) == middle);
      const bool right = bfloat16(middle).bits() == even && bfloat16(middle_float).bits() == even &&
                         bfloat16(std::nextafter(middle, value(low))).bits() == low &&
                         bfloat16(std::nextafter(middle, value(high))).bits() == high &&
                         bfloat16(std::nextafter(middle_float, value(low))).bits() == low &&
                         bfloat16(std::nextafter(middle_float, value(high))).bits() == high;
      BOOST_TEST(right, "between the bits " << low << " and " << high);
    }
}

BOOST_AUTO_TEST_CASE(beyond_the_largest_is_infinite) {
  const float largest = value(0x7F7F);
  BOOST_TEST(std::isinf(static_cast<float>(bfloat16(std::numeric_limits<float>::max()))));
  BOOST_TEST(std::isinf(static_cast<float>(bfloat16(1e300))));
  BOOST_TEST(static_cast<float>(bfloat16(-1e300)) == -std::numeric_limits<float>::infinity());
  BOOST_TEST(static_cast<float>(bfloat16(std::nextafter(largest, 0.0f))) == largest);
}

BOOST_AUTO_TEST_CASE(arithmetic_is_floats) {
  const bfloat16 a(1.5), b(3);
  static_assert(std::is_same_v<decltype(a + b), float>);
  static_assert(std::is_same_v<memsizer::Accumulate<bfloat16>, float>);
  static_assert(bfloat16(7).bits() == 0x40E0);
  BOOST_TEST(a + b == 4.5f);
  bfloat16 sum(256);
  sum += 1;  // 257 lies between 256 and 258; 256 is even
  BOOST_TEST(sum == 256.0f);
  sum -= 1, sum *= 2, sum /= 5;
  BOOST_TEST(sum.bits() == bfloat16(510.0f / 5).bits());
}

BOOST_AUTO_TEST_SUITE_END()
