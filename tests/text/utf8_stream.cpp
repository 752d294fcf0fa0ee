#include "memsizer/text/utf8_stream.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(utf8_stream)

using namespace memsizer::text;

namespace {

constexpr const char* replacement = "\xEF\xBF\xBD";

/// The output after each byte, with | behind it, and then the output at the end.
std::string trace(std::string_view bytes) {
  Utf8Stream stream;
  std::string trace;
  for (const char byte : bytes) trace += stream.add({&byte, 1}) + '|';
  return trace + stream.finish();
}

}  // namespace

BOOST_AUTO_TEST_CASE(characters_come_when_they_are_complete) {
  BOOST_TEST(trace("ab") == "a|b|");
  BOOST_TEST(trace("\u00e4b") == "|\u00e4|b|");
  BOOST_TEST(trace("\u20ac") == "||\u20ac|");
  BOOST_TEST(trace("\U0001D11E") == "|||\U0001D11E|");
}

BOOST_AUTO_TEST_CASE(bytes_of_no_character_are_replaced_at_once) {
  BOOST_TEST(trace("\xFF") == std::string(replacement) + "|");
  BOOST_TEST(trace("\x80") == std::string(replacement) + "|");
  BOOST_TEST(trace("\xC0") == std::string(replacement) + "|");
  BOOST_TEST(trace("\xE2\x82z") == "||" + std::string(replacement) + replacement + "z|");
  BOOST_TEST(trace("\xED\xA0\x80") == "||" + std::string(replacement) + replacement + replacement + "|");
}

BOOST_AUTO_TEST_CASE(a_character_cut_off_at_the_end_is_replaced) {
  BOOST_TEST(trace("a\xE2\x82") == "a|||" + std::string(replacement) + replacement);
}

BOOST_AUTO_TEST_CASE(any_cut_gives_the_same_text) {
  const std::string text = "z\u00e4\u20ac\U0001D11E\xF0\x9D\x84z\x80\xC3";
  const std::string whole = repair_utf8(text);
  BOOST_TEST(whole.starts_with("z\u00e4\u20ac\U0001D11E"));
  BOOST_TEST(!find_invalid_utf8(whole));
  for (size_t first = 0; first <= text.size(); ++first)
    for (size_t second = first; second <= text.size(); ++second) {
      Utf8Stream stream;
      std::string pieces = stream.add(text.substr(0, first));
      pieces += stream.add(text.substr(first, second - first));
      pieces += stream.add(text.substr(second));
      BOOST_TEST(pieces + stream.finish() == whole);
    }
}

BOOST_AUTO_TEST_CASE(a_path_becomes_text_whatever_its_bytes_are) {
  BOOST_TEST(path_text("runs/gr\u00fcn") == "runs/gr\u00fcn");
  BOOST_TEST(path_text("d\xE4ta/\xFF") == "d" + std::string(replacement) + "ta/" + replacement);
}

BOOST_AUTO_TEST_SUITE_END()
