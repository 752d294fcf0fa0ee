#pragma once
// GPT-2's byte alphabet: each of the 256 bytes is written as one visible character, so that vocabulary files
// are text. A printable byte of Latin-1 is written as itself, the other 68 bytes get characters from U+0100
// on; a space is U+0120.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

namespace detail {

constexpr bool stands_for_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

/// The character of each byte.
constexpr std::array<std::int32_t, 256> byte_characters = [] {
  std::array<std::int32_t, 256> characters{};
  std::int32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte)
    characters[static_cast<size_t>(byte)] = stands_for_itself(byte) ? byte : next++;
  return characters;
}();

/// The byte of each character; -1 if it stands for none.
constexpr std::array<std::int16_t, 0x144> character_bytes = [] {
  std::array<std::int16_t, 0x144> bytes{};
  bytes.fill(-1);
  for (size_t byte = 0; byte < 256; ++byte)
    bytes[static_cast<size_t>(byte_characters[byte])] = static_cast<std::int16_t>(byte);
  return bytes;
}();

/// The byte of any character; -1 if it stands for none.
constexpr std::int16_t byte_of(std::int32_t character) {
  const bool listed = character >= 0 && character < static_cast<std::int32_t>(character_bytes.size());
  return listed ? character_bytes[static_cast<size_t>(character)] : std::int16_t{-1};
}

}  // namespace detail

/// All bytes in the order of their characters, which is the order of their ids in every trained vocabulary.
constexpr std::array<unsigned char, 256> bytes_in_alphabet_order = [] {
  std::array<unsigned char, 256> order{};
  size_t count = 0;
  for (const std::int16_t byte : detail::character_bytes)
    if (byte >= 0) order[count++] = static_cast<unsigned char>(byte);
  return order;
}();

/// Spells bytes in the alphabet: " the" becomes "Ġthe".
inline std::string spell_bytes(std::string_view bytes) {
  std::string spelling;
  for (const char byte : bytes)
    append_utf8(spelling, detail::byte_characters[static_cast<unsigned char>(byte)]);
  return spelling;
}

/// The bytes of a spelling: "Ġthe" becomes " the". Nothing if one of its characters stands for no byte.
inline std::optional<std::string> read_spelling(std::string_view spelling) {
  std::string bytes;
  for (size_t position = 0; position < spelling.size();) {
    const CodePoint point = decode_utf8(spelling, position);
    const std::int16_t byte = detail::byte_of(point.value);
    if (byte < 0) return std::nullopt;
    bytes += static_cast<char>(byte);
    position += static_cast<size_t>(point.length);
  }
  return bytes;
}

}  // namespace memsizer::text
