#pragma once
// The lines of a text file, each of them checked to be UTF-8.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

#include "memsizer/base/error.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

/// U+FEFF, with which some editors begin a file.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// A line ends at \n and nowhere else, so U+0085 and a carriage return are characters of a line.
class Utf8Lines {
 public:
  /// InputError if the file cannot be read as text (text_stream.hpp).
  explicit Utf8Lines(const std::filesystem::path& path) : lines_(path) {}
  /// The same, for lines of at most max_bytes. A longer one is an InputError too.
  Utf8Lines(const std::filesystem::path& path, Index max_bytes) : lines_(path, max_bytes) {}

  /// Puts the next line, without its \n, into `line`. Returns false at the end. InputError with file, line
  /// and column if a byte is not UTF-8.
  bool next(std::string& line) {
    if (!lines_.next(line)) return false;
    if (const auto invalid = find_invalid_utf8(line))
      fail("expected UTF-8, got an invalid byte at column ", *invalid + 1);
    return true;
  }

  /// The same, without a byte order mark at the beginning of the file.
  bool next_without_mark(std::string& line) {
    if (!next(line)) return false;
    if (number() == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
    return true;
  }

  const std::filesystem::path& path() const { return lines_.path(); }
  /// The number of the last line, from 1.
  Index number() const { return lines_.number(); }

  /// The place of the last line: "train.de:12". In an empty file it is the first.
  std::string place() const { return concatenate(path().native(), ':', std::max<Index>(number(), 1)); }

  /// InputError at the last line.
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw InputError(concatenate(place(), ": ", parts...));
  }

 private:
  files::LineReader lines_;
};

}  // namespace memsizer::text
