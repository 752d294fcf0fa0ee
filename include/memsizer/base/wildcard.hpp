#pragma once
// Name patterns in which * stands for any text: "*.bias", "encoder.*".

#include <string_view>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// Whether the whole name fits the pattern. A * stands for any number of characters, also none.
constexpr bool matches(std::string_view pattern, std::string_view name) {
  std::size_t at = 0, star = std::string_view::npos, resumed = 0;
  std::size_t i = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;  // first try: it stands for nothing
      resumed = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at, ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;  // the last * takes one character more
      i = ++resumed;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace memsizer
