#pragma once
// GPT-2's split rule, which cuts a text into the words that byte-pair encoding works on:
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// A word includes the one space before it. Of a longer run of white space the last character goes to the
// following word. The joined words give the text again, whatever its bytes.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <utility>

#include "memsizer/text/byte_masks.hpp"
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

namespace detail {

/// The beginnings of words in 64 bytes of a text, as bits.
class WordStarts {
 public:
  /// A word must begin at `begin`, and the text must have 64 bytes from there on.
  WordStarts(std::string_view text, size_t begin) : text_(text), begin_(begin) {
    ByteMasks masks = ByteMasks::of(text.data() + begin);
    std::uint64_t symbols = masks.symbols();
    if (masks.high != 0) add_characters(masks, symbols);
    const std::uint64_t white = masks.white_space;
    const auto like_the_one_before = [](std::uint64_t mask) { return mask & mask << 1; };
    const std::uint64_t goes_on = like_the_one_before(masks.letters) | like_the_one_before(masks.numbers) |
                                  like_the_one_before(symbols) | masks.spaces << 1;
    // White space begins a word where its run begins, and where it is the last before something else.
    const std::uint64_t white_starts = white & (~(white << 1) | ~(white >> 1));
    starts_ = 1 | white_starts | (~white & ~goes_on);
    if (const std::uint64_t candidates = starts_ & masks.apostrophes & known(); candidates != 0)
      add_contractions(candidates);
    starts_ &= known();
  }

  /// Those that are known: a rule may look at the two bytes after a beginning. Bit 0 is among them.
  std::uint64_t bits() const { return starts_; }

 private:
  std::uint64_t known() const { return (std::uint64_t{1} << limit_) - 1; }

  static std::uint64_t run(int place, std::int32_t length) {
    return ((std::uint64_t{1} << length) - 1) << place;
  }

  /// Adds the characters beyond ASCII to the masks. White space among them may have several bytes, on which
  /// the rule for runs does not count, so nothing from the byte before it on is known.
  void add_characters(ByteMasks& masks, std::uint64_t& symbols) {
    for (std::uint64_t rest = masks.high; rest != 0;) {
      const int place = std::countr_zero(rest);
      const CodePoint point = decode_utf8(text_, begin_ + static_cast<size_t>(place));
      const std::uint64_t character = run(place, point.length);
      rest &= ~character;
      switch (character_kind(point.value)) {
        case CharacterKind::letter:
          masks.letters |= character;
          break;
        case CharacterKind::number:
          masks.numbers |= character;
          break;
        case CharacterKind::symbol:
          symbols |= character;
          break;
        case CharacterKind::white_space:
          limit_ = std::min(limit_, std::max(place - 1, 1));
          return;
      }
    }
  }

  /// A contraction such as 's is a word by itself, whatever follows.
  void add_contractions(std::uint64_t candidates) {
    for (; candidates != 0; candidates &= candidates - 1) {
      const int place = std::countr_zero(candidates);
      const auto length =
          static_cast<std::int32_t>(contraction_length(text_, begin_ + static_cast<size_t>(place)));
      if (length == 0) continue;
      starts_ &= ~(run(place, length) & ~run(place, 1));
      if (place + length < ByteMasks::size) starts_ |= run(place + length, 1);
    }
  }

  std::string_view text_;
  size_t begin_;
  std::uint64_t starts_ = 0;
  int limit_ = ByteMasks::size - 2;
};

}  // namespace detail

/// Calls use(word) for every word of the text in order. It gives what word_end gives, 64 bytes at a time.
template <class Use>
void for_each_word(std::string_view text, Use&& use) {
  size_t position = 0;
  while (position + detail::ByteMasks::size <= text.size()) {
    const size_t begin = position;
    for (std::uint64_t starts = detail::WordStarts(text, begin).bits() & ~std::uint64_t{1}; starts != 0;
         starts &= starts - 1) {
      const size_t next = begin + static_cast<size_t>(std::countr_zero(starts));
      use(text.substr(position, next - position));
      position = next;
    }
    if (position == begin) {  // the word is long, or the end of a run of white space is not known
      position = word_end(text, begin);
      use(text.substr(begin, position - begin));
    }
  }
  while (position < text.size()) {
    const size_t begin = std::exchange(position, word_end(text, position));
    use(text.substr(begin, position - begin));
  }
}

}  // namespace memsizer::text
