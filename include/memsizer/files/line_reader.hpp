#pragma once
// The lines of a text file, plain or compressed. A line ends at \n and nowhere else.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/files/text_stream.hpp"

namespace memsizer::files {

class LineReader {
 public:
  /// InputError if the file is no text (text_stream.hpp); later, if a line is longer than `max_line_bytes`.
  explicit LineReader(const std::filesystem::path& path, Index max_line_bytes = Index{256} << 20)
      : stream_(path), block_(1 << 16), max_line_bytes_(max_line_bytes) {}

  /// Puts the next line, without its \n, into `line`. Returns false at the end. Bytes after the last \n are a
  /// line too.
  bool next(std::string& line) {
    line.clear();
    has_newline_ = false;
    while (!has_newline_) {
      if (rest_.empty()) rest_ = {block_.data(), static_cast<size_t>(stream_.read_some(block_))};
      if (rest_.empty()) break;
      const size_t end = rest_.find('\n');
      has_newline_ = end != rest_.npos;
      line += rest_.substr(0, end);
      rest_.remove_prefix(has_newline_ ? end + 1 : rest_.size());
      // native() and not string(): no copy of the path for each line.
      require(static_cast<Index>(line.size()) <= max_line_bytes_, stream_.path().native(), ":", number_ + 1,
              ": expected lines of at most ", max_line_bytes_, " bytes");
    }
    const bool is_line = has_newline_ || !line.empty();
    if (is_line) ++number_;
    return is_line;
  }

  /// Whether the next line has not been written yet, for example by a person at a terminal. May be false
  /// although only the beginning of a line is there.
  bool would_wait() const { return rest_.empty() && stream_.would_wait(); }

  const std::filesystem::path& path() const { return stream_.path(); }
  /// The number of the last line, from 1.
  Index number() const { return number_; }
  /// Whether the last line read ended with \n. Only a file's last line may lack it.
  bool has_newline() const { return has_newline_; }

 private:
  TextStream stream_;
  std::vector<char> block_;
  std::string_view rest_;
  Index max_line_bytes_, number_ = 0;
  bool has_newline_ = false;
};

}  // namespace memsizer::files
