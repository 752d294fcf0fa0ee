#pragma once
// Lines as Unicode code points, and what Python's str does with them, because sacreBLEU is written in Python.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/text/characters.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::metrics {

/// The code points of a text in UTF-8. InputError, with the offset, for an invalid byte.
inline std::u32string to_code_points(std::string_view utf8) {
  std::u32string points;
  points.reserve(utf8.size());
  for (std::size_t position = 0; position < utf8.size();) {
    const text::CodePoint point = text::decode_utf8(utf8, position);
    require(point.valid(), "expected UTF-8, got an invalid byte at offset ", position);
    points += static_cast<char32_t>(point.value);
    position += static_cast<std::size_t>(point.length);
  }
  return points;
}

/// str.isspace(): Unicode's White_Space, and the four separators of ASCII.
constexpr bool is_space(char32_t point) {
  return text::is_white_space(static_cast<std::int32_t>(point)) || (point >= 0x1C && point <= 0x1F);
}

/// str.rstrip()
inline std::u32string_view strip_end(std::u32string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

/// str.split(): the parts between white space. None is empty. They are views of the line.
inline std::vector<std::u32string_view> split_words(std::u32string_view line) {
  std::vector<std::u32string_view> words;
  for (auto at = line.begin(); at != line.end();) {
    const auto first = std::find_if_not(at, line.end(), is_space);
    at = std::find_if(first, line.end(), is_space);
    if (first != at) words.emplace_back(first, at);
  }
  return words;
}
std::vector<std::u32string_view> split_words(std::u32string&& line) = delete;  // the views would outlive it

/// str.replace(), in place
inline void replace_all(std::u32string& line, std::u32string_view old_part, std::u32string_view new_part) {
  std::u32string result;
  std::size_t from = 0;
  for (std::size_t at; (at = line.find(old_part, from)) != line.npos; from = at + old_part.size())
    result.append(line, from, at - from).append(new_part);
  if (from > 0) line = result.append(line, from);
}

}  // namespace memsizer::metrics
