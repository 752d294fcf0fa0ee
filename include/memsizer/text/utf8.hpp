#pragma once
// Reads UTF-8 one code point at a time. The text may be damaged: an invalid byte is a unit of its own.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <utf8proc.h>

#include "memsizer/base/error.hpp"

namespace memsizer::text {

/// A code point and the bytes it takes; a byte that belongs to no valid sequence has `value` -1 and
/// `length` 1.
struct CodePoint {
  std::int32_t value;
  std::int32_t length;

  bool valid() const { return value >= 0; }
};

/// The code point that begins at `position`, which must lie inside the text. Overlong forms, surrogates,
/// values over 10FFFF and cut-off sequences are invalid.
inline CodePoint decode_utf8(std::string_view text, size_t position) {
  const auto first = static_cast<unsigned char>(text[position]);
  if (first < 0x80) return {first, 1};
  utf8proc_int32_t value = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + position,
                                       static_cast<utf8proc_ssize_t>(text.size() - position), &value);
  if (length <= 0) return {-1, 1};
  return {value, static_cast<std::int32_t>(length)};
}

/// The code point that ends at `position`, which must be over 0 and no more than the text's size.
inline CodePoint decode_utf8_before(std::string_view text, size_t position) {
  for (size_t length = 1; length <= 4 && length <= position; ++length) {
    const auto byte = static_cast<unsigned char>(text[position - length]);
    if ((byte & 0xC0) == 0x80) continue;
    const CodePoint point = decode_utf8(text.substr(0, position), position - length);
    if (point.length == static_cast<std::int32_t>(length)) return point;
    break;
  }
  return {-1, 1};
}

inline void append_utf8(std::string& text, std::int32_t value) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(value, bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

/// The number of bytes at the end of a text that may become a character when more bytes come.
inline size_t unfinished_bytes(std::string_view text) {
  for (size_t length = 1; length <= 3 && length <= text.size(); ++length) {
    const auto byte = static_cast<unsigned char>(text[text.size() - length]);
    if ((byte & 0xC0) == 0x80) continue;
    const size_t whole = byte >= 0xC2 && byte <= 0xDF   ? 2
                         : byte >= 0xE0 && byte <= 0xEF ? 3
                         : byte >= 0xF0 && byte <= 0xF4 ? 4
                                                        : 1;
    return length < whole ? length : 0;
  }
  return 0;
}

/// The offset of the first byte that is not valid UTF-8.
inline std::optional<size_t> find_invalid_utf8(std::string_view text) {
  for (size_t position = 0; position < text.size();) {
    const CodePoint point = decode_utf8(text, position);
    if (!point.valid()) return position;
    position += static_cast<size_t>(point.length);
  }
  return std::nullopt;
}

/// InputError if `text` has an invalid byte. The error calls the text `name` and gives the byte's offset.
inline void require_utf8(std::string_view text, std::string_view name) {
  const auto invalid = find_invalid_utf8(text);
  require(!invalid, name, ": expected UTF-8, got an invalid byte at offset ", invalid.value_or(0));
}

}  // namespace memsizer::text
