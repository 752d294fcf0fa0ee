#pragma once
// Words as the keys of hash tables.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "memsizer/base/requirements.hpp"

namespace memsizer::text::detail {

/// A word as two numbers. A short word: its bytes, zeros, and in the last byte its size + 1. A long word: a
/// hash, and in the last byte a mark; a table keeps the place of the bytes in the other seven.
struct WordKey {
  static constexpr size_t longest_short = 15;
  static constexpr std::uint64_t long_mark = 255;
  static_assert(std::endian::native == std::endian::little, "the last byte of a key is the highest");

  std::uint64_t low = 0, high = 0;

  bool operator==(const WordKey&) const = default;
  bool is_empty() const { return high == 0; }
  bool is_long() const { return high >> 56 == long_mark; }
  size_t short_size() const { return static_cast<size_t>(high >> 56) - 1; }

  /// Its low 32 bits are well mixed.
  std::uint64_t hash() const {
    if (is_long()) return low;
    return (low ^ std::rotl(high, 29) * 0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15 >> 32;
  }
};

inline WordKey key_of_long(std::string_view word) {
  std::uint64_t hash = word.size();
  const auto mix = [&](const char* bytes) {
    std::uint64_t number;
    std::memcpy(&number, bytes, sizeof number);
    hash = (hash ^ number) * 0x9E3779B97F4A7C15;
    hash ^= hash >> 32;  // only the high bits of a product depend on all bits of its factors
  };
  for (size_t position = 0; position + 8 < word.size(); position += 8) mix(word.data() + position);
  mix(word.data() + word.size() - 8);
  return {hash, WordKey::long_mark << 56};
}

inline WordKey key_of(std::string_view word) {
  if (word.size() > WordKey::longest_short) return key_of_long(word);
  std::array<std::uint64_t, 2> bytes{};
  word.copy(reinterpret_cast<char*>(bytes.data()), word.size());  // it may be empty, with no address
  return {bytes[0], bytes[1] | (word.size() + 1) << 56};
}

/// By size: ones over the bytes of a word of that size.
inline constexpr auto word_masks = [] {
  std::array<WordKey, WordKey::longest_short + 1> masks{};
  constexpr std::uint64_t ones = std::numeric_limits<std::uint64_t>::max();
  for (size_t size = 1; size < masks.size(); ++size)
    masks[size] = {size < 8 ? ones >> (64 - 8 * size) : ones, size > 8 ? ones >> (128 - 8 * size) : 0};
  return masks;
}();

/// The key of a short word of which, with the text after it, 16 bytes can be read. It is made without a
/// branch, so words of all sizes take the same time.
inline WordKey key_of_short(std::string_view word) {
  std::array<std::uint64_t, 2> bytes;
  std::memcpy(bytes.data(), word.data(), sizeof bytes);
  const WordKey& mask = word_masks[word.size()];
  return {bytes[0] & mask.low, (bytes[1] & mask.high) | (word.size() + 1) << 56};
}

}  // namespace memsizer::text::detail
