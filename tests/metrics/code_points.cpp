#include "memsizer/metrics/code_points.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/metrics/lower_case.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(code_points_of_lines)

using namespace memsizer;
using namespace memsizer::metrics;

BOOST_AUTO_TEST_CASE(utf8_becomes_code_points) {
  BOOST_TEST((to_code_points("a\u00e4\u4f60\U0001F600") == U"a\u00e4\u4f60\U0001F600"));
  BOOST_TEST(to_code_points("").empty());
  CHECK_THROWS_SAYING(to_code_points("ab\xff"), InputError, "invalid byte at offset 2");
  CHECK_THROWS_SAYING(to_code_points("\xed\xa0\x80"), InputError, "offset 0");  // half of a surrogate pair
}

BOOST_AUTO_TEST_CASE(words_stand_between_white_space_of_python) {
  const std::u32string line = U" one\x1c\x1ftwo\u0085three\u3000 \n";
  const auto words = split_words(line);
  BOOST_TEST_REQUIRE(words.size() == 3u);
  BOOST_TEST((words[0] == U"one" && words[1] == U"two" && words[2] == U"three"));
  BOOST_TEST(split_words(std::u32string_view()).empty());
  BOOST_TEST(split_words(std::u32string_view(U" \t")).empty());
  BOOST_TEST((strip_end(U" a \u2003\r") == U" a"));
  BOOST_TEST(strip_end(U"\u00a0").empty());
  // The zero-width space and the byte-order mark are no white space.
  BOOST_TEST((strip_end(U"a\u200b") == U"a\u200b"));
  BOOST_TEST((strip_end(U"\ufeff") == U"\ufeff"));
}

BOOST_AUTO_TEST_CASE(a_sigma_at_the_end_of_a_word_is_final) {
  BOOST_TEST((lower_case(U"\u03A3\u0391\u03A3 \u03A3") == U"\u03C3\u03B1\u03C2 \u03C3"));
  BOOST_TEST((lower_case(U"A\u03A3.") == U"a\u03C2."));
  BOOST_TEST((lower_case(U"A\u03A3'B A\u03A3\u0301B") == U"a\u03C3'b a\u03C3\u0301b"));
  BOOST_TEST((lower_case(U"A:\u03A3") == U"a:\u03C2"));
  BOOST_TEST((lower_case(U"1\u03A3") == U"1\u03C3"));
}

BOOST_AUTO_TEST_CASE(the_capital_i_with_a_dot_becomes_two) {
  BOOST_TEST((lower_case(U"\u0130X\u1E9E") == U"i\u0307x\u00DF"));
}

BOOST_AUTO_TEST_SUITE_END()
