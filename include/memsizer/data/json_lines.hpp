#pragma once
// Lines of JSON (.jsonl), the form in which Hugging Face's data sets are exported: a record a line.

#include <filesystem>
#include <string>
#include <string_view>

#include "memsizer/base/printable.hpp"
#include "memsizer/data/text_head.hpp"
#include "memsizer/files/json_view.hpp"
#include "memsizer/text/utf8_lines.hpp"

namespace memsizer::data {

/// Whether a text that begins with `head` may be lines of JSON: an object, or nothing at all, after a byte
/// order mark or none.
inline bool is_json_lines(std::string_view head) {
  if (head.starts_with(text::byte_order_mark)) head.remove_prefix(text::byte_order_mark.size());
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  return first == head.npos || head[first] == '{';
}

/// Whether a file may hold no value at all. As a part of a data set it may not: it was cut off, or not
/// written.
enum class NoValues { refused, allowed };

/// Reads one value after another, and holds one line in memory. Blank lines hold none. Example:
///
///     JsonLines lines("train.jsonl", "lines such as {\"id\": ...}");
///     while (lines.next()) use(lines.value().get<std::string>("id"));
class JsonLines {
 public:
  /// InputError if the file cannot be read as text, or does not begin like JSON; the error then tells what
  /// was `expected`.
  JsonLines(const std::filesystem::path& path, std::string_view expected,
            NoValues no_values = NoValues::refused)
      : lines_(path), may_end_(no_values == NoValues::allowed) {
    const std::string head = head_of_text(path);
    require(is_json_lines(head), path.string(), ": expected ", expected, "; got \"", printable(head, 40),
            '"');
  }

  /// Goes to the next value. Returns false at the end. InputError, with file and line, for a line that is not
  /// JSON, and for a file that ends without a value.
  bool next() {
    do {
      if (!lines_.next_without_mark(line_)) {
        require(may_end_, lines_.path().string(), ": expected lines of JSON, got an empty file");
        return false;
      }
    } while (line_.find_first_not_of(" \t\r") == line_.npos);
    may_end_ = true;
    value_ = files::parse_json(line_, lines_.path().string(), {.first_line = lines_.number()});
    return true;
  }

  /// The value of the last line; valid until the next one is read. Its errors name file and line.
  files::JsonView value() const { return files::JsonView(value_, place()); }

  /// The place of the last value: "train.jsonl:12".
  std::string place() const { return lines_.place(); }

 private:
  text::Utf8Lines lines_;
  std::string line_;
  files::Json value_;
  bool may_end_;
};

}  // namespace memsizer::data
