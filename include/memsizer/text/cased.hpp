#pragma once
// Unicode's properties Cased and Case_Ignorable (Unicode Standard, definitions D135 and D136).

#include <algorithm>
#include <array>
#include <cstdint>

#include <utf8proc.h>

#include "memsizer/base/requirements.hpp"

namespace memsizer::text {

namespace detail {

struct PointRange {
  std::int32_t first, last;
};

/// The properties Other_Uppercase and Other_Lowercase: cased characters that are no letters Lu, Ll or Lt.
constexpr std::array other_cased = {
    PointRange{0xAA, 0xAA},       PointRange{0xBA, 0xBA},       PointRange{0x2B0, 0x2B8},
    PointRange{0x2C0, 0x2C1},     PointRange{0x2E0, 0x2E4},     PointRange{0x345, 0x345},
    PointRange{0x37A, 0x37A},     PointRange{0x10FC, 0x10FC},   PointRange{0x1D2C, 0x1D6A},
    PointRange{0x1D78, 0x1D78},   PointRange{0x1D9B, 0x1DBF},   PointRange{0x2071, 0x2071},
    PointRange{0x207F, 0x207F},   PointRange{0x2090, 0x209C},   PointRange{0x2160, 0x217F},
    PointRange{0x24B6, 0x24E9},   PointRange{0x2C7C, 0x2C7D},   PointRange{0xA69C, 0xA69D},
    PointRange{0xA770, 0xA770},   PointRange{0xA7F2, 0xA7F4},   PointRange{0xA7F8, 0xA7F9},
    PointRange{0xAB5C, 0xAB5F},   PointRange{0xAB69, 0xAB69},   PointRange{0x10780, 0x10780},
    PointRange{0x10783, 0x10785}, PointRange{0x10787, 0x107B0}, PointRange{0x107B2, 0x107BA},
    PointRange{0x1E030, 0x1E06D}, PointRange{0x1F130, 0x1F149}, PointRange{0x1F150, 0x1F169},
    PointRange{0x1F170, 0x1F189},
};

/// Word_Break MidLetter, MidNumLet and Single_Quote: punctuation that stands inside words.
constexpr std::array inside_words = {0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                     0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};

}  // namespace detail

/// Whether a code point is a capital, a small or a title letter, or counts as one.
inline bool is_cased(std::int32_t point) {
  const auto category = utf8proc_category(point);
  if (category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
      category == UTF8PROC_CATEGORY_LT)
    return true;
  return std::ranges::any_of(detail::other_cased, [point](const detail::PointRange& range) {
    return point >= range.first && point <= range.last;
  });
}

/// Whether the rules of case look past a code point: marks, modifiers, format characters, and the points and
/// apostrophes inside words.
inline bool is_case_ignorable(std::int32_t point) {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return std::ranges::count(detail::inside_words, point) > 0;
  }
}

}  // namespace memsizer::text
