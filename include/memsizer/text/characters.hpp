#pragma once
// What kind of character a code point is, in the four kinds that GPT-2's split rule tells apart.

#include <array>
#include <cstdint>

#include <utf8proc.h>

namespace memsizer::text {

/// Everything that is not a letter, a number or white space is a symbol, unassigned code points and invalid
/// bytes (value -1) too.
enum class CharacterKind : std::uint8_t { symbol, letter, number, white_space };

/// Unicode's White_Space property.
constexpr bool is_white_space(std::int32_t point) {
  return point == 0x20 || (point >= 0x09 && point <= 0x0D) || point == 0x85 || point == 0xA0 ||
         point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000;
}

/// Unicode's categories M: a character that combines with the one before it.
inline bool is_mark(std::int32_t point) {
  const auto category = utf8proc_category(point);
  return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

namespace detail {

inline CharacterKind look_up_kind(std::int32_t point) {
  if (point < 0) return CharacterKind::symbol;
  if (is_white_space(point)) return CharacterKind::white_space;
  const auto category = utf8proc_category(point);
  if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return CharacterKind::letter;
  if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) return CharacterKind::number;
  return CharacterKind::symbol;
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

inline CharacterKind character_kind(std::int32_t point) {
  if (point >= 0 && point < 128) return detail::ascii_kinds[static_cast<size_t>(point)];
  return detail::look_up_kind(point);
}

}  // namespace memsizer::text
