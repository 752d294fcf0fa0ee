#include "memsizer/base/read_number.hpp"

#include <cstdint>
#include <limits>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(read_numbers)

using namespace memsizer;

namespace {

/// The number that the text spells. The text must spell one.
template <class Number>
Number number_of(std::string_view text) {
  Number number{};
  BOOST_TEST((read_number(text, number) == std::errc()), text);
  return number;
}

template <class Number>
std::errc error_of(std::string_view text) {
  Number number{};
  return read_number(text, number);
}

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_are_read_exactly) {
  constexpr auto limits = std::numeric_limits<std::int64_t>();
  BOOST_TEST(number_of<std::int64_t>("9223372036854775807") == limits.max());
  BOOST_TEST(number_of<std::int64_t>("-9223372036854775808") == limits.min());
  BOOST_TEST(number_of<std::int64_t>("010") == 10);
  BOOST_TEST(number_of<double>("1e-5") == 1e-5);
  BOOST_TEST(number_of<double>("-0.25") == -0.25);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_told) {
  for (const char* text : {"", " ", "1 ", " 1", "1x", "x", "-", "0x10", "1.5", "1e3", "nan"})
    BOOST_TEST((error_of<std::int64_t>(text) == std::errc::invalid_argument), text);
  for (const char* text : {"", "1,5", "x", "nan", "inf", "-inf", "1e", "0x1p3"})
    BOOST_TEST((error_of<double>(text) == std::errc::invalid_argument), text);
}

BOOST_AUTO_TEST_CASE(nothing_is_brought_to_the_nearest_bound) {
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999", "1e20", "-1e30", "1e999"})
    BOOST_TEST((error_of<std::int64_t>(text) == std::errc::result_out_of_range), text);
  for (const char* text : {"1e999", "-1e999"})
    BOOST_TEST((error_of<double>(text) == std::errc::result_out_of_range), text);
}

BOOST_AUTO_TEST_SUITE_END()
