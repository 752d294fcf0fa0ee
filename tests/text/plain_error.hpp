#pragma once
// Limits on what an error may show from a file that is not what was expected.

#include <algorithm>
#include <string>
#include <string_view>

#include "memsizer/base/error.hpp"

/// A word in a file that would fill a terminal and change its colour.
inline const std::string noise = "\x1b[31m" + std::string(100000, 'x');

/// Whether an error's text is short and has no control characters.
inline bool is_plain(const memsizer::InputError& error) {
  const std::string_view text = error.what();
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  return text.size() < 600 && std::ranges::none_of(text, is_control);
}
