#pragma once
// Lower case of a whole line, as Python's str.lower() has it: the Greek capital sigma depends on its place.

#include <algorithm>
#include <string>
#include <string_view>

#include "memsizer/text/cased.hpp"
#include "memsizer/text/small_letter.hpp"

namespace memsizer::metrics {

namespace detail {

inline constexpr char32_t capital_sigma = U'\u03A3', small_sigma = U'\u03C3', final_sigma = U'\u03C2';

/// Whether the sigma at `position` ends a word: a cased letter comes before it and none after it, where
/// characters that case ignores do not count (Unicode Standard, table 3-17, Final_Sigma). Example: the second
/// sigma of "\u03A3\u0391\u03A3." is final, that of "\u03A3\u0391\u03A3'\u0391" is not.
inline bool is_final_sigma(std::u32string_view line, std::size_t position) {
  const auto counts = [](char32_t point) {
    return !text::is_case_ignorable(static_cast<std::int32_t>(point));
  };
  const auto is_cased = [](char32_t point) { return text::is_cased(static_cast<std::int32_t>(point)); };
  const auto before = line.substr(0, position), after = line.substr(position + 1);
  const auto left = std::find_if(before.rbegin(), before.rend(), counts);
  const auto right = std::find_if(after.begin(), after.end(), counts);
  return left != before.rend() && is_cased(*left) && (right == after.end() || !is_cased(*right));
}

}  // namespace detail

/// str.lower()
inline std::u32string lower_case(std::u32string_view line) {
  std::u32string result;
  result.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == U'\u0130')
      result += U"i\u0307";
    else if (line[i] == detail::capital_sigma)
      result += detail::is_final_sigma(line, i) ? detail::final_sigma : detail::small_sigma;
    else
      result += static_cast<char32_t>(text::small_letter(static_cast<std::int32_t>(line[i])));
  return result;
}

}  // namespace memsizer::metrics
