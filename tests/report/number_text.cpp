#include "memsizer/report/number_text.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(number_text)

using namespace memsizer;
using namespace memsizer::report;
using namespace memsizer::train;

BOOST_AUTO_TEST_CASE(thousands_stand_apart) {
  BOOST_TEST(with_thousands(0) == "0");
  BOOST_TEST(with_thousands(999) == "999");
  BOOST_TEST(with_thousands(1000) == "1,000");
  BOOST_TEST(with_thousands(-123456) == "-123,456");
  BOOST_TEST(with_thousands(1234567) == "1,234,567");
  BOOST_TEST(with_thousands(std::numeric_limits<Index>::min()) == "-9,223,372,036,854,775,808");
}

BOOST_AUTO_TEST_CASE(short_numbers_keep_their_digits) {
  BOOST_TEST(short_number(0.012345) == "0.0123");
  BOOST_TEST(short_number(12.345) == "12.3");
  BOOST_TEST(short_number(12345.6) == "12,346");
  BOOST_TEST(short_number(0) == "0");
  BOOST_TEST(short_number(std::nan("")) == "-");
  BOOST_TEST(short_number(std::numeric_limits<double>::infinity()) == "-");
}

BOOST_AUTO_TEST_CASE(durations_are_minutes_and_seconds) {
  BOOST_TEST(duration_text(0) == "0:00");
  BOOST_TEST(duration_text(75.4) == "1:15");
  BOOST_TEST(duration_text(3725) == "1:02:05");
  BOOST_TEST(duration_text(3599.7) == "1:00:00");
  BOOST_TEST(duration_text(-1) == "-");
  BOOST_TEST(duration_text(std::nan("")) == "-");
}

BOOST_AUTO_TEST_CASE(bytes_have_units) {
  BOOST_TEST(bytes_text(0) == "0 B");
  BOOST_TEST(bytes_text(1023) == "1023 B");
  BOOST_TEST(bytes_text(1536) == "1.5 KiB");
  BOOST_TEST(bytes_text(32 << 20) == "32 MiB");
  BOOST_TEST(bytes_text(Index{130} << 30) == "130 GiB");
  BOOST_TEST(bytes_text(std::numeric_limits<Index>::max()) == "8 EiB");
}

BOOST_AUTO_TEST_SUITE_END()
