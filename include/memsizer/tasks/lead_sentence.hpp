#pragma once
// The first sentence of a document, which is the usual baseline of summarization, lead-1.

#include <cctype>
#include <string>
#include <string_view>

#include "memsizer/base/checked.hpp"

namespace memsizer::tasks {

namespace detail {

/// Whether a full stop at `end` follows an abbreviation or an initial, such as "Mr", "St" or "J": a word of
/// one or two letters that begins with a capital, or "Mrs".
inline bool is_abbreviation(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && std::isalpha(static_cast<unsigned char>(text[begin - 1]))) --begin;
  const std::string_view word = text.substr(begin, end - begin);
  return word == "Mrs" || (!word.empty() && word.size() <= 2 && word[0] >= 'A' && word[0] <= 'Z');
}

}  // namespace detail

/// The text up to its first sentence's end: a line break, or one of . ! ? and closing quotes before white
/// space, but not the full stop of an abbreviation. Line breaks at the beginning are skipped. Example: of
/// "Mr. Orme spoke. He left." it is "Mr. Orme spoke."
inline std::string lead_sentence(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \r\n"), text.size());
  text.remove_prefix(first);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return std::string(text.substr(0, i));
    if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
    std::size_t end = i + 1;
    while (end < text.size() && (text[end] == '"' || text[end] == '\'' || text[end] == ')')) ++end;
    const bool is_end = end == text.size() || text[end] == ' ' || text[end] == '\n';
    if (is_end && !(text[i] == '.' && detail::is_abbreviation(text, i)))
      return std::string(text.substr(0, end));
  }
  return std::string(text);
}

}  // namespace memsizer::tasks
