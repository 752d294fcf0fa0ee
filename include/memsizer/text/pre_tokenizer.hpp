#pragma once
// GPT-2's split rule, which cuts a text into the words that byte-pair encoding works on:
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// A word includes the one space before it. Of a longer run of white space the last character goes to the
// following word. The joined words give the text again, whatever its bytes.

#include <string_view>

#include "memsizer/text/characters.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

namespace detail {

/// The length of the contraction that begins at `position`; 0 if none begins there.
inline size_t contraction_length(std::string_view text, size_t position) {
  if (text[position] != '\'' || position + 1 == text.size()) return 0;
  const char first = text[position + 1];
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  const std::string_view two = text.substr(position + 1, 2);
  return two == "re" || two == "ve" || two == "ll" ? 3 : 0;
}

inline CharacterKind kind_at(std::string_view text, size_t position) {
  return character_kind(decode_utf8(text, position).value);
}

/// The end of the run of characters of one kind that begins at `position`.
inline size_t run_end(std::string_view text, size_t position, CharacterKind kind) {
  while (position < text.size()) {
    const CodePoint point = decode_utf8(text, position);
    if (character_kind(point.value) != kind) break;
    position += static_cast<size_t>(point.length);
  }
  return position;
}

}  // namespace detail

/// The end of the word that begins at `position`, which must lie inside the text.
inline size_t word_end(std::string_view text, size_t position) {
  if (const size_t length = detail::contraction_length(text, position)) return position + length;
  const size_t core = position + (text[position] == ' ' ? 1 : 0);
  if (core < text.size())
    if (const auto kind = detail::kind_at(text, core); kind != CharacterKind::white_space)
      return detail::run_end(text, core, kind);
  const size_t end = detail::run_end(text, position, CharacterKind::white_space);
  if (end == text.size()) return end;
  const size_t last = end - static_cast<size_t>(decode_utf8_before(text, end).length);
  return last > position ? last : end;
}

/// Calls use(word) for every word of the text in order.
template <class Use>
void for_each_word(std::string_view text, Use&& use) {
  for (size_t position = 0; position < text.size();) {
    const size_t end = word_end(text, position);
    use(text.substr(position, end - position));
    position = end;
  }
}

}  // namespace memsizer::text
