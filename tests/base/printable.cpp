#include "memsizer/base/printable.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(printable_text)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(plain_text_stays) {
  BOOST_TEST(printable("") == "");
  BOOST_TEST(printable(" the ~ \"cat\" 'sat' \\") == " the ~ \"cat\" 'sat' \\");
}

BOOST_AUTO_TEST_CASE(other_bytes_are_shown_by_their_numbers) {
  BOOST_TEST(printable("one\ntwo\t") == "one\\x0atwo\\x09");
  BOOST_TEST(printable("\x1b[31m\x7f") == "\\x1b[31m\\x7f");
  BOOST_TEST(printable("\u00e9") == "\\xc3\\xa9");
  BOOST_TEST(printable(std::string_view("\0", 1)) == "\\x00");
}

BOOST_AUTO_TEST_CASE(long_text_is_cut) {
  BOOST_TEST(printable(std::string(200, 'x')) == std::string(200, 'x'));
  BOOST_TEST(printable(std::string(201, 'x')) == std::string(200, 'x') + "...");
  BOOST_TEST(printable("abcdef", 5) == "abcde...");
  BOOST_TEST(printable(std::string(1 << 20, '\n')).size() == 203u);
}

BOOST_AUTO_TEST_SUITE_END()
