#pragma once
// A tag of SGML, such as <doc docid="a">, taken apart.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "memsizer/base/requirements.hpp"

namespace memsizer::data {

/// Attributes by their names in lower case. The values are as they stand in the tag, without quotes.
using SgmlAttributes = std::map<std::string, std::string>;

/// The name is in lower case, and begins with a slash if the tag ends an element: "doc", "/doc".
struct SgmlTag {
  std::string name;
  SgmlAttributes attributes;

  /// The value of an attribute; empty if the tag has none of this name.
  std::string attribute(const std::string& key) const {
    const auto found = attributes.find(key);
    return found == attributes.end() ? std::string() : found->second;
  }
};

namespace detail {

constexpr std::string_view sgml_space = " \t\r\f\v";

inline std::string_view without_leading_space(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(sgml_space), text.size()));
}

/// SGML's names have no capitals of their own: DOC is doc.
inline std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// The number of bytes up to and including the > that ends a tag, at the beginning of `text`. A > in quotes
/// belongs to a value. Nothing if the tag does not end.
inline std::optional<std::size_t> tag_bytes(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote)
      quote = c == quote ? char{0} : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '>')
      return i + 1;
  }
  return std::nullopt;
}

/// Takes a value, with or without quotes, from the beginning of `text`.
inline std::optional<std::string> take_value(std::string_view& text) {
  const bool quoted = text.starts_with('"') || text.starts_with('\'');
  const std::size_t end =
      quoted ? text.find(text[0], 1) : std::min(text.find_first_of(sgml_space), text.size());
  if (end == text.npos || end == 0) return std::nullopt;
  const std::string value(quoted ? text.substr(1, end - 1) : text.substr(0, end));
  text.remove_prefix(quoted ? end + 1 : end);
  return value;
}

/// The attributes of a text such as ` id="1" genre=news`. Nothing if it is not of this form, or names an
/// attribute twice.
inline std::optional<SgmlAttributes> read_attributes(std::string_view text) {
  SgmlAttributes attributes;
  for (text = without_leading_space(text); !text.empty(); text = without_leading_space(text)) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos) return std::nullopt;
    std::string name = lower_case(text.substr(0, equals));
    name.erase(std::min(name.find_last_not_of(sgml_space) + 1, name.size()));
    if (name.empty() || name.find_first_of(" \t\r\f\v\"'<>") != name.npos) return std::nullopt;
    text = without_leading_space(text.substr(equals + 1));
    auto value = take_value(text);
    if (!value || !attributes.emplace(std::move(name), *std::move(value)).second) return std::nullopt;
  }
  return attributes;
}

}  // namespace detail

/// The tag between < and >, given without them: `doc docid="a"`. Nothing if it is not of this form.
inline std::optional<SgmlTag> read_sgml_tag(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(detail::sgml_space), text.size());
  SgmlTag tag{detail::lower_case(text.substr(0, end)), {}};
  if (tag.name.empty() || tag.name == "/" || tag.name.find_first_of("<=\"'") != tag.name.npos)
    return std::nullopt;
  auto attributes = detail::read_attributes(text.substr(end));
  if (!attributes) return std::nullopt;
  tag.attributes = *std::move(attributes);
  return tag;
}

}  // namespace memsizer::data
