#pragma once
// Counts the words and bytes of a text block by block, and finds bytes that are not UTF-8.

#include <cstdint>
#include <cstring>
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
      if (const size_t end = end_of_ascii(text, position, whole); end > position) {
        scan_ascii(text.substr(position, end - position));
        position = end;
        continue;
      }
      const text::CodePoint point = text::decode_utf8(text, position);
      if (!point.valid()) fail();
      position += static_cast<size_t>(point.length);
      counts_.bytes += point.length;
      const bool is_space = text::is_white_space(point.value);
      counts_.words += !is_space && !in_word_;
      in_word_ = !is_space;
      at_line_start_ = false;
    }
    cut_off_ = text.substr(whole);
  }

  /// The end of the ASCII that begins at `position`.
  static size_t end_of_ascii(std::string_view text, size_t position, size_t end) {
    for (; end - position >= 8; position += 8) {
      std::uint64_t bytes;
      std::memcpy(&bytes, text.data() + position, sizeof bytes);
      if ((bytes & 0x8080808080808080) != 0) break;
    }
    while (position < end && static_cast<unsigned char>(text[position]) < 0x80) ++position;
    return position;
  }

  /// Counts a part that is not empty. A word begins where a byte is no white space but the one before it is,
  /// so the compiler can count many bytes at once.
  void scan_ascii(std::string_view part) {
    const auto is_space = [](char c) { return int{c == ' '} | int{c >= '\t' && c <= '\r'}; };
    Index words = is_space(part[0]) == 0 && !in_word_, lines = part[0] == '\n';
    for (size_t i = 1; i < part.size(); ++i) {
      words += is_space(part[i - 1]) & (is_space(part[i]) ^ 1);
      lines += part[i] == '\n';
    }
    counts_.bytes += static_cast<Index>(part.size());
    counts_.lines += lines;
    counts_.words += words + lines;
    in_word_ = is_space(part.back()) == 0;
    at_line_start_ = part.back() == '\n';
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
