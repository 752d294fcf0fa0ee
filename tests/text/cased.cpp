#include "memsizer/text/cased.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/text/small_letter.hpp"

BOOST_AUTO_TEST_SUITE(cased_characters)

using namespace memsizer::text;

BOOST_AUTO_TEST_CASE(letters_with_case_are_cased) {
  for (const std::int32_t point : {0x41, 0x7A, 0x1C5, 0x3A3, 0x2160, 0x24D0, 0x2B0, 0x10400})
    BOOST_TEST(is_cased(point));
  for (const std::int32_t point : {0x30, 0x2E, 0x5D0, 0x4F60, 0x301}) BOOST_TEST(!is_cased(point));
}

BOOST_AUTO_TEST_CASE(case_looks_past_marks_and_apostrophes) {
  for (const std::int32_t point : {0x27, 0x2E, 0x3A, 0xAD, 0x301, 0x2019, 0x2B0, 0x5E, 0xFF1A})
    BOOST_TEST(is_case_ignorable(point));
  for (const std::int32_t point : {0x2C, 0x41, 0x20, 0x3B, 0x4F60}) BOOST_TEST(!is_case_ignorable(point));
}

BOOST_AUTO_TEST_CASE(newer_capitals_have_small_letters) {
  BOOST_TEST(small_letter(0x41) == 0x61);
  BOOST_TEST(small_letter(0x1C89) == 0x1C8A);
  BOOST_TEST(small_letter(0x16EA0) == 0x16EBB);
  BOOST_TEST(small_letter(0x4F60) == 0x4F60);
}

BOOST_AUTO_TEST_SUITE_END()
