#pragma once
// Counts the words and bytes of a text block by block, and finds bytes that are not UTF-8.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/files/text_stream.hpp"
#include "memsizer/text/characters.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::data {

/// `words` is the count for word perplexity: the parts between white space, and an end mark for each line.
struct TextCounts {
  Index bytes = 0, words = 0, lines = 0;

  bool operator==(const TextCounts&) const = default;
};

/// The counts continue from file to file, as the text does.
class TextScanner {
 public:
  /// Says that the next blocks belong to this file, which errors name. InputError if the file before ended
  /// inside a character.
  void begin_file(std::string name) {
    if (!cut_off_.empty()) fail();
    name_ = std::move(name);
    start_ = counts_;
  }

  /// Counts the next block, which may be cut anywhere. InputError for an invalid byte, with its file, line
  /// and offset.
  void add(std::string_view block) {
    if (cut_off_.empty()) return scan(block);
    const std::string joined = std::exchange(cut_off_, {}) + std::string(block);
    scan(joined);
  }

  /// Ends the text. A last line without \n counts too.
  TextCounts finish() {
    if (!cut_off_.empty()) fail();
    if (!at_line_start_) end_line();
    return counts_;
  }

 private:
  void scan(std::string_view text) {
    const size_t whole = text.size() - text::unfinished_bytes(text);
    for (size_t position = 0; position < whole;) {
      const text::CodePoint point = text::decode_utf8(text, position);
      if (!point.valid()) fail();
      position += static_cast<size_t>(point.length);
      counts_.bytes += point.length;
      const bool is_space = text::is_white_space(point.value);
      counts_.words += !is_space && !in_word_;
      in_word_ = !is_space;
      at_line_start_ = point.value == '\n';
      if (at_line_start_) end_line();
    }
    cut_off_ = text.substr(whole);
  }

  void end_line() {
    ++counts_.lines;
    ++counts_.words;
  }

  [[noreturn]] void fail() const {
    throw InputError(concatenate(name_, ':', counts_.lines - start_.lines + 1,
                                 ": expected UTF-8, got an invalid byte at offset ",
                                 counts_.bytes - start_.bytes));
  }

  std::string name_;
  TextCounts counts_, start_;  // now, and where the file began
  std::string cut_off_;
  bool in_word_ = false, at_line_start_ = true;
};

/// Reads a file, plain or compressed, through the scanner, and calls use(text) for its text in blocks that
/// are cut anywhere; `buffer` holds one. InputError if the file is no text, or a byte is not UTF-8.
template <class Use>
void scan_file(const std::filesystem::path& file, TextScanner& scanner, std::span<char> buffer, Use&& use) {
  files::TextStream stream(file);
  scanner.begin_file(stream.path().string());
  while (const Index count = stream.read(buffer)) {
    const std::string_view text(buffer.data(), static_cast<size_t>(count));
    scanner.add(text);
    use(text);
  }
}

}  // namespace memsizer::data
