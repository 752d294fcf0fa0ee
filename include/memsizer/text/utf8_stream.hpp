#pragma once
// Turns UTF-8 that arrives in pieces cut anywhere, such as the bytes of tokens, into whole characters.

#include <filesystem>
#include <string>
#include <string_view>

#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

/// Returns characters as soon as they are complete. A byte that belongs to no character becomes U+FFFD, the
/// replacement character.
class Utf8Stream {
 public:
  /// Takes the next bytes; returns the characters that are complete now.
  std::string add(std::string_view bytes) {
    pending_ += bytes;
    const size_t end = pending_.size() - unfinished_bytes(pending_);
    std::string text = repaired(std::string_view(pending_).substr(0, end));
    pending_.erase(0, end);
    return text;
  }

  /// Ends the text: returns the rest, a character that was never completed.
  std::string finish() {
    std::string text = repaired(pending_);
    pending_.clear();
    return text;
  }

 private:
  static std::string repaired(std::string_view bytes) {
    std::string text;
    for (size_t position = 0; position < bytes.size();) {
      const CodePoint point = decode_utf8(bytes, position);
      text += point.valid() ? bytes.substr(position, static_cast<size_t>(point.length)) : "\xEF\xBF\xBD";
      position += static_cast<size_t>(point.length);
    }
    return text;
  }

  std::string pending_;
};

/// The text with every byte that belongs to no character replaced by U+FFFD.
inline std::string repair_utf8(std::string_view text) {
  Utf8Stream stream;
  std::string repaired = stream.add(text);
  return repaired += stream.finish();
}

/// A path as text for JSON and reports. They must be UTF-8, but a file's name may be any bytes.
inline std::string path_text(const std::filesystem::path& path) {
  return repair_utf8(path.string());
}

}  // namespace memsizer::text
