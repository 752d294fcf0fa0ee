#pragma once
// Makes text of unknown origin, for example from a file, fit for an error message.

#include <cstddef>
#include <string>
#include <string_view>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// The text as one line of printable ASCII. Any other byte is shown as \xff, for example, and the text beyond
/// `limit` characters as "...".
inline std::string printable(std::string_view text, std::size_t limit = 200) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const char character : text) {
    const auto c = static_cast<unsigned char>(character);
    if (result.size() >= limit) return result + "...";
    if (c >= 0x20 && c < 0x7f)
      result += static_cast<char>(c);
    else
      result += {'\\', 'x', digits[c >> 4], digits[c & 15]};
  }
  return result;
}

}  // namespace memsizer
