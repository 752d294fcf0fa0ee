#include "memsizer/text/characters.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(characters)

using namespace memsizer::text;

namespace {

std::string name_of(CharacterKind kind) {
  switch (kind) {
    case CharacterKind::letter:
      return "letter";
    case CharacterKind::number:
      return "number";
    case CharacterKind::white_space:
      return "white space";
    default:
      return "symbol";
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(kinds_are_those_of_hugging_faces_split_rule) {
  const auto ranges = recorded::read("normalizers.json")["kinds"];
  std::int32_t compared = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const std::int32_t first = ranges[i][0], last = i + 1 < ranges.size() ? int(ranges[i + 1][0]) : 0x110000;
    const std::string kind = ranges[i][1];
    if (kind == "-") continue;  // no text holds surrogates
    for (std::int32_t point = first; point < last; ++point, ++compared)
      if (name_of(character_kind(point)) != kind) BOOST_ERROR(std::hex << point << " should be a " << kind);
  }
  BOOST_TEST(compared == 0x110000 - 0x800);
}

BOOST_AUTO_TEST_CASE(invalid_bytes_are_symbols) {
  BOOST_TEST(name_of(character_kind(-1)) == "symbol");
}

BOOST_AUTO_TEST_CASE(a_table_and_a_search_tell_the_same) {
  for (std::int32_t point = 0; point < 0x110000; ++point)
    if (detail::UnicodeClasses::of(point) != detail::find_class(point)) BOOST_ERROR(std::hex << point);
  BOOST_TEST(std::ranges::is_sorted(detail::unicode_runs, {}, &detail::UnicodeRun::first));
}

BOOST_AUTO_TEST_CASE(marks_are_told_from_other_characters) {
  for (const std::int32_t mark : {0x301, 0x93F, 0x20DD, 0x3099, 0x10D69, 0xE0100, 0xE01EF})
    BOOST_TEST(is_mark(mark));
  for (const std::int32_t other : {-1, 0x20, 0x41, 0x5E, 0x1161, 0xAC00, 0xE01F0, 0x10FFFF})
    BOOST_TEST(!is_mark(other));
}

BOOST_AUTO_TEST_SUITE_END()
