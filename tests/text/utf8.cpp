#include "memsizer/text/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(utf8)

using namespace memsizer;
using namespace memsizer::text;

namespace {

bool is_scalar_value(std::int32_t point) {
  return point < 0xD800 || (point > 0xDFFF && point <= 0x10FFFF);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_code_point_is_read_as_written) {
  int wrong = 0;
  for (std::int32_t point = 0; point <= 0x10FFFF; ++point) {
    if (!is_scalar_value(point)) continue;
    std::string text = "a";
    append_utf8(text, point);
    const CodePoint forward = decode_utf8(text, 1), backward = decode_utf8_before(text, text.size());
    const auto length = static_cast<std::int32_t>(text.size()) - 1;
    wrong += forward.value != point || forward.length != length;
    wrong += backward.value != point || backward.length != length;
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(damaged_sequences_are_invalid_byte_by_byte) {
  const std::string overlong_slash = "\xC0\xAF", overlong_long = "\xF0\x80\x80\xAF",
                    surrogate = "\xED\xA0\x80", too_high = "\xF4\x90\x80\x80",
                    five_bytes = "\xF8\x88\x80\x80\x80", cut = "\xE2\x82", continuation = "\x80\xBF",
                    never = "\xFE\xFF";
  for (const std::string& text :
       {overlong_slash, overlong_long, surrogate, too_high, five_bytes, cut, continuation, never})
    for (size_t position = 0; position < text.size(); ++position) {
      const CodePoint forward = decode_utf8(text, position),
                      backward = decode_utf8_before(text, position + 1);
      BOOST_TEST(!forward.valid());
      BOOST_TEST(forward.length == 1);
      BOOST_TEST(!backward.valid());
      BOOST_TEST(backward.length == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_continuation_byte_too_many_stands_alone) {
  const std::string text = "\xC3\xA9\xA9";
  BOOST_TEST(decode_utf8(text, 0).value == 0xE9);
  BOOST_TEST(!decode_utf8(text, 2).valid());
  BOOST_TEST(!decode_utf8_before(text, 3).valid());
  BOOST_TEST(decode_utf8_before(text, 2).value == 0xE9);
}

BOOST_AUTO_TEST_CASE(bytes_that_may_yet_become_a_character_are_counted) {
  for (const std::string_view whole : {"\u00e9", "\u20ac", "\U0001D11E"})
    for (size_t size = 0; size <= whole.size(); ++size)
      BOOST_TEST(unfinished_bytes("a" + std::string(whole.substr(0, size))) == size % whole.size());
  const char* const never[] = {"", "a", "\x80", "\x80\x80\x80\x80", "\xC0", "\xC1", "\xF5", "\xF8", "\xFF"};
  for (const char* text : never) BOOST_TEST(unfinished_bytes(text) == 0u);
}

BOOST_AUTO_TEST_CASE(the_first_invalid_byte_is_named) {
  BOOST_TEST(!find_invalid_utf8("").has_value());
  BOOST_TEST(!find_invalid_utf8("gr\u00fc\u00df \U0001F600").has_value());
  BOOST_TEST(find_invalid_utf8("gr\u00fc\xFFx").value() == 4u);
  BOOST_TEST(find_invalid_utf8("ab\xE2\x82").value() == 2u);
  BOOST_CHECK_NO_THROW(require_utf8("abc", "a line"));
  CHECK_THROWS_SAYING(require_utf8("abc\xC3", "line 7"), InputError,
                      "line 7: expected UTF-8, got an invalid byte at offset 3");
}

BOOST_AUTO_TEST_SUITE_END()
