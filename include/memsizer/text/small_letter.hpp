#pragma once
// The small letters of capitals, also of capitals that are newer than an installed utf8proc.

#include <array>
#include <cstdint>

#include <utf8proc.h>

#include "memsizer/base/requirements.hpp"

namespace memsizer::text {

namespace detail {

/// A run of capitals, whose small letters are `offset` code points further on.
struct CapitalRun {
  std::int32_t first, last, offset;
};

/// Capitals of Unicode 15.1 to 17, which an installed utf8proc may be too old to know.
constexpr std::array newer_capitals = {
    CapitalRun{0x1C89, 0x1C89, 1},      CapitalRun{0xA7CB, 0xA7CB, 0x264 - 0xA7CB},
    CapitalRun{0xA7CC, 0xA7CC, 1},      CapitalRun{0xA7CE, 0xA7CE, 1},
    CapitalRun{0xA7D2, 0xA7D2, 1},      CapitalRun{0xA7D4, 0xA7D4, 1},
    CapitalRun{0xA7DA, 0xA7DA, 1},      CapitalRun{0xA7DC, 0xA7DC, 0x19B - 0xA7DC},
    CapitalRun{0x10D50, 0x10D65, 0x20}, CapitalRun{0x16EA0, 0x16EB8, 0x1B},
};

}  // namespace detail

/// The small letter of a capital; any other character itself. U+0130, whose lower case is two characters, is
/// the caller's to handle.
inline std::int32_t small_letter(std::int32_t point) {
  for (const detail::CapitalRun& run : detail::newer_capitals)
    if (point >= run.first && point <= run.last) return point + run.offset;
  return utf8proc_tolower(point);
}

}  // namespace memsizer::text
