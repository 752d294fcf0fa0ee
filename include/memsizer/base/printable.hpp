#pragma once
// Text of unknown origin, a file's say, made fit for an error message.

#include <cstddef>
#include <string>
#include <string_view>

namespace memsizer {

/// The text as one line of printable ASCII, any other byte as \xff; what comes after `limit` characters
/// becomes "...".
inline std::string printable(std::string_view text, std::size_t limit = 200) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const unsigned char c : text) {
    if (result.size() >= limit) return result + "...";
    if (c >= 0x20 && c < 0x7f)
      result += static_cast<char>(c);
    else
      result += {'\\', 'x', digits[c >> 4], digits[c & 15]};
  }
  return result;
}

}  // namespace memsizer
