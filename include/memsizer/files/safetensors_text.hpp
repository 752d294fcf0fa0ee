#pragma once
// The JSON of a safetensors header, which is all of JSON that the format has: objects, strings and lists of
// integers. A program that saves its weights therefore needs no JSON library. All other JSON is read by
// json.hpp.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/printable.hpp"

namespace memsizer::files::detail {

/// The bytes of the UTF-8 character that begins a text; 0 where none does. Overlong forms, surrogates and
/// code points above U+10FFFF are no characters (RFC 3629).
inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto continues = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i)
      if ((byte(i) & 0xC0) != 0x80) return false;
    return true;
  };
  const unsigned lead = byte(0), next = byte(1);
  if (lead < 0x80) return text.empty() ? 0 : 1;
  if (lead >= 0xC2 && lead < 0xE0) return continues(1, 1) ? 2 : 0;
  if (lead >= 0xE0 && lead < 0xF0) {
    const bool is_overlong = lead == 0xE0 && next < 0xA0, is_surrogate = lead == 0xED && next >= 0xA0;
    return !is_overlong && !is_surrogate && continues(1, 2) ? 3 : 0;
  }
  if (lead < 0xF0 || lead >= 0xF5 || (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next >= 0x90))
    return 0;
  return continues(1, 3) ? 4 : 0;
}

/// Appends a code point, which is no surrogate, as UTF-8.
inline void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 63)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    tail(6), tail(0);
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    tail(12), tail(6), tail(0);
  }
}

/// The characters that JSON escapes with a letter, and these letters.
inline constexpr std::string_view escaped_characters = "\"\\\b\f\n\r\t", escape_letters = "\"\\bfnrt";

/// A string as JSON writes it, in quotes. InputError for text that is not UTF-8.
inline std::string quoted_json(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t i = 0, length = 0; i < text.size(); i += length) {
    length = utf8_length(text.substr(i));
    require(length > 0, "text to be written as JSON is not valid UTF-8: \"", printable(text), "\"");
    const auto place = escaped_characters.find(text[i]);
    if (place != std::string_view::npos)
      quoted += {'\\', escape_letters[place]};
    else if (static_cast<unsigned char>(text[i]) < 0x20)
      quoted += {'\\', 'u', '0', '0', text[i] < 16 ? '0' : '1', "0123456789abcdef"[text[i] & 15]};
    else
      quoted += text.substr(i, length);
  }
  return quoted + '"';
}

/// Reads a header from its first byte to its last. Each function reads one value and throws InputError unless
/// it is there. `path` says where a value stands, "weight.shape" for example, for errors about its type.
/// Errors of syntax give line and column.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  const std::string& file() const { return file_; }

  template <class... Parts>
  [[noreturn]] void fail(const std::string& path, const Parts&... parts) const {
    throw InputError(concatenate(file_, ": ", path.empty() ? "" : path + ": ", parts...));
  }

  /// Calls member(key, path of its value) for each member, which must read the value. No key comes twice.
  template <class Member>
  void object(const std::string& path, const Member& member) {
    require_next('{', path, "an object");
    std::set<std::string> keys;
    list('}', [&] {
      if (next() != '"') fail_syntax("expected a key");
      const std::string key = string(path);
      if (!keys.insert(key).second) fail_syntax("duplicate key \"", printable(key), "\"");
      if (next() != ':') fail_syntax("expected : after a key");
      ++position_;
      member(key, (path.empty() ? "" : path + '.') + printable(key));
    });
  }

  std::vector<Index> integers(const std::string& path) {
    require_next('[', path, "an array");
    std::vector<Index> values;
    list(']', [&] { values.push_back(integer(concatenate(path, '[', values.size(), ']'))); });
    return values;
  }

  std::string string(const std::string& path) {
    require_next('"', path, "a string");
    std::string value;
    while (true) {
      const std::string_view rest = text_.substr(position_);
      const std::size_t length = utf8_length(rest);
      if (rest.empty()) fail_syntax("the text ends within a string");
      if (length == 0) fail_syntax("a string that is not UTF-8");
      if (static_cast<unsigned char>(rest[0]) < 0x20) fail_syntax("a control character within a string");
      position_ += length;
      if (rest[0] == '"') return value;
      if (rest[0] == '\\')
        append_escaped(value);
      else
        value += rest.substr(0, length);
    }
  }

  /// Refuses anything after the value but white space.
  void end() {
    if (next() != '\0' || position_ < text_.size()) fail_syntax("expected the end of the header");
  }

 private:
  /// The next character that is not white space; 0 at the end.
  char next() {
    while (position_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos)
      ++position_;
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  void require_next(char expected, const std::string& path, std::string_view what) {
    if (next() == expected) {
      ++position_;
      return;
    }
    if (position_ >= text_.size()) fail_syntax("expected ", what, ", but the text ends");
    fail(path, "expected ", what, ", got ", value_text());
  }

  /// The members or elements up to `close`, with commas between them.
  template <class Read>
  void list(char close, const Read& read) {
    if (next() != close) read();
    while (next() != close) {
      if (next() != ',') fail_syntax("expected , or ", close);
      ++position_;
      read();
    }
    ++position_;
  }

  Index integer(const std::string& path) {
    if (next() == '\0') fail_syntax("expected an integer");
    const std::string_view rest = text_.substr(position_);
    const std::string_view digits = rest.substr(0, rest.find_first_not_of("+-.0123456789eE"));
    Index value = 0;
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool has_leading_zero = digits.starts_with("-0") || (digits.starts_with('0') && digits.size() > 1);
    if (error != std::errc() || last != digits.data() + digits.size() || has_leading_zero)
      fail(path, "expected an integer, got ", value_text());
    position_ += digits.size();
    return value;
  }

  /// The value that comes next, for an error: its text up to what may follow a value.
  std::string value_text() const {
    const std::string_view rest = text_.substr(position_);
    if (rest.starts_with('{')) return "an object";
    if (rest.starts_with('[')) return "an array";
    if (rest.starts_with('"')) return "a string";
    return printable(rest.substr(0, std::max<std::size_t>(rest.find_first_of(",]} \t\r\n"), 1)), 60);
  }

  std::uint32_t four_hex_digits() {
    std::uint32_t code = 0;
    const std::string_view digits = text_.substr(position_, 4);
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || digits.size() < 4 || last != digits.data() + 4)
      fail_syntax("expected four hexadecimal digits after \\u");
    position_ += 4;
    return code;
  }

  /// What follows a backslash. Code points above U+FFFF come as two escapes, a pair of surrogates.
  void append_escaped(std::string& value) {
    const char letter = position_ < text_.size() ? text_[position_++] : '\0';
    const auto place = escape_letters.find(letter);
    if (letter != '\0' && place != std::string_view::npos) {
      value += escaped_characters[place];
    } else if (letter == '/') {
      value += '/';
    } else if (letter == 'u') {
      std::uint32_t code = four_hex_digits();
      if (code >= 0xD800 && code < 0xDC00 && text_.substr(position_, 2) == "\\u") {
        position_ += 2;
        const std::uint32_t low = four_hex_digits();
        if (low < 0xDC00 || low > 0xDFFF) fail_syntax("half of a pair of surrogates");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
      if (code >= 0xD800 && code <= 0xDFFF) fail_syntax("half of a pair of surrogates");
      append_utf8(value, code);
    } else {
      fail_syntax("an escape that JSON does not know");
    }
  }

  /// An error of syntax, at the character that was read last.
  template <class... Parts>
  [[noreturn]] void fail_syntax(const Parts&... parts) const {
    Index line = 1, column = 1;
    for (const char c : text_.substr(0, position_)) {
      ++column;
      if (c == '\n') ++line, column = 1;
    }
    throw InputError(concatenate(file_, " (header):", line, ':', column, ": ", parts...));
  }

  std::string_view text_;
  std::string file_;
  std::size_t position_ = 0;
};

}  // namespace memsizer::files::detail
