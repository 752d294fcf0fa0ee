#pragma once
// The class of a code point, among the four that GPT-2's split rule distinguishes. It comes from a table of
// our own, so it does not depend on the age of an installed library.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

#include "memsizer/text/unicode_runs.hpp"

namespace memsizer::text {

/// Everything that is not a letter, a number or white space is a symbol, also unassigned code points and
/// invalid bytes (value -1).
enum class CharacterKind : std::uint8_t { symbol, letter, number, white_space };

/// Unicode's White_Space property.
constexpr bool is_white_space(std::int32_t point) {
  return point == 0x20 || (point >= 0x09 && point <= 0x0D) || point == 0x85 || point == 0xA0 ||
         point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

namespace detail {

/// The class of any code point, by binary search over the runs.
inline UnicodeClass find_class(std::int32_t point) {
  const auto after = std::ranges::upper_bound(unicode_runs, point, {}, &UnicodeRun::first);
  return std::prev(after)->kind;
}

/// The classes of the planes with nearly all characters, as an array. Chinese text asks three times for each
/// word, and a search takes ten times as long as a look-up.
class UnicodeClasses {
 public:
  static UnicodeClass of(std::int32_t point) {
    static const UnicodeClasses classes;
    return point < laid_out ? classes.by_point_[static_cast<std::size_t>(point)] : find_class(point);
  }

 private:
  static constexpr std::int32_t laid_out = 0x32400;  // all letters are below it

  UnicodeClasses() : by_point_(laid_out) {
    for (auto run = unicode_runs.begin(); run != unicode_runs.end(); ++run) {
      const auto next = std::next(run) == unicode_runs.end() ? laid_out : std::next(run)->first;
      for (std::int32_t point = run->first; point < std::min(next, laid_out); ++point)
        by_point_[static_cast<std::size_t>(point)] = run->kind;
    }
  }

  std::vector<UnicodeClass> by_point_;
};

inline CharacterKind look_up_kind(std::int32_t point) {
  if (point < 0) return CharacterKind::symbol;
  if (is_white_space(point)) return CharacterKind::white_space;
  const UnicodeClass found = UnicodeClasses::of(point);
  if (found == UnicodeClass::letter) return CharacterKind::letter;
  return found == UnicodeClass::number ? CharacterKind::number : CharacterKind::symbol;
}

constexpr std::array<CharacterKind, 128> ascii_kinds = [] {
  std::array<CharacterKind, 128> kinds{};
  for (int point = 0; point < 128; ++point) {
    const bool letter = (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
    if (letter) kinds[static_cast<size_t>(point)] = CharacterKind::letter;
    if (point >= '0' && point <= '9') kinds[static_cast<size_t>(point)] = CharacterKind::number;
    if (is_white_space(point)) kinds[static_cast<size_t>(point)] = CharacterKind::white_space;
  }
  return kinds;
}();

}  // namespace detail

/// Whether a code point is in Unicode's categories M: it combines with the character before it. False for an
/// invalid byte (-1).
inline bool is_mark(std::int32_t point) {
  return point >= 0 && detail::UnicodeClasses::of(point) == detail::UnicodeClass::mark;
}

/// The kind of a code point, or of an invalid byte (-1).
inline CharacterKind character_kind(std::int32_t point) {
  if (point >= 0 && point < 128) return detail::ascii_kinds[static_cast<size_t>(point)];
  return detail::look_up_kind(point);
}

}  // namespace memsizer::text
