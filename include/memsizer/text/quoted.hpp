#pragma once
// A token of a file, quoted in an error message.

#include <ostream>
#include <string>
#include <string_view>

#include "memsizer/base/printable.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text::detail {

/// Writes a spelling in quotes to a stream: characters of the byte alphabet as they are, others as
/// `printable` shows them, at most 60 in all. It costs nothing until it is written.
struct Quoted {
  std::string_view spelling;

  friend std::ostream& operator<<(std::ostream& out, const Quoted& quoted) {
    constexpr int limit = 60;
    const std::string_view text = quoted.spelling;
    size_t position = 0;
    out << '"';
    for (int shown = 0; shown < limit && position < text.size(); ++shown) {
      const CodePoint point = decode_utf8(text, position);
      const std::string_view bytes = text.substr(position, static_cast<size_t>(point.length));
      out << (byte_of(point.value) < 0 ? printable(bytes) : std::string(bytes));
      position += bytes.size();
    }
    return out << (position < text.size() ? "...\"" : "\"");
  }
};

}  // namespace memsizer::text::detail
