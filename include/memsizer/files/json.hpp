#pragma once
// Parses and writes JSON. The parser is strict, for files come from elsewhere.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/printable.hpp"
#include "memsizer/files/descriptor.hpp"
#include "memsizer/files/linkage.hpp"

namespace memsizer::files {

using Json = nlohmann::json;

struct JsonOptions {
  Index max_bytes = Index{256} << 20;
  int max_depth = 64;
  Index first_line = 1;  ///< of the text in its file, for errors (a line of a .jsonl)
};

/// Parses a whole text, called `name` in errors. InputError with file:line:column for bad syntax, invalid
/// UTF-8, a number out of range, a duplicate key, nesting over 64, anything after the value, or a text over
/// 256 MiB. JsonFile, in json_view.hpp, keeps the text, so that later errors name their lines.
Json parse_json(std::string_view text, std::string_view name, const JsonOptions& options = {});

inline Json read_json(const std::filesystem::path& path, const JsonOptions& options = {}) {
  return parse_json(read_file(path, options.max_bytes), path.string(), options);
}

/// The document of a text that we wrote, its members in the order of the text.
nlohmann::ordered_json parse_own_json(std::string_view text);

/// A value that may be unknown; then null.
template <class T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  return *value;
}

/// The text of a document, with a newline at its end; on one line if `indent` is negative. Doubles are
/// written so that reading gives the same double. InputError for text that is not UTF-8, and for NaN and
/// infinity, which JSON cannot express.
std::string dump_json(const Json& document, int indent = 2);
std::string dump_json(const nlohmann::ordered_json& document, int indent = 2);

/// The text of a document that holds nothing but UTF-8, without white space around its parts.
std::string compact_text(const Json& document);
std::string compact_text(const nlohmann::ordered_json& document);

#if MEMSIZER_TEXT_HAS_BODIES

namespace detail {

/// The origin of a JSON text. It turns a byte position into file:line:column (both from 1, columns in bytes).
struct JsonSource {
  std::string_view text, name;
  Index first_line;

  [[noreturn]] void fail(Index position, std::string_view reason) const {
    Index line = first_line, column = 1;
    for (const char c : text.substr(0, static_cast<size_t>(position))) {
      ++column;
      if (c == '\n') ++line, column = 1;
    }
    throw InputError(concatenate(name, ":", line, ":", column, ": ", printable(reason)));
  }
};

/// An iterator over the text that also stores its position, so that the builder below knows where the parser
/// is.
class TrackedIterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = char;
  using pointer = const char*;
  using reference = const char&;
  using iterator_category = std::input_iterator_tag;

  TrackedIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const TrackedIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Receives nlohmann's parse events and builds the document, but refuses two things that nlohmann's own
/// builder accepts: a second key of the same name, and deep nesting.
class StrictBuilder {
 public:
  StrictBuilder(const JsonSource& source, int max_depth, const char* const& reached)
      : source_(source), max_depth_(max_depth), reached_(reached) {}

  Json take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const Json::string_t&) { return add(value); }
  bool string(Json::string_t& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(size_t) { return open(Json::object()); }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(Json::array()); }
  bool end_array() { return close(); }

  bool key(Json::string_t& name) {
    auto [place, is_new] = open_.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
    if (!is_new) fail(concatenate("duplicate key \"", name, "\", expected once"));
    member_ = &place->second;
    return true;
  }

  /// The position is that of the last byte read, counted from 1.
  bool parse_error(size_t position, const std::string&, const Json::exception& error) {
    std::string_view reason = error.what();
    reason.remove_prefix(std::min(reason.find("] ") + 2, reason.size()));
    if (const auto column = reason.find(", column "); column != std::string_view::npos)
      reason.remove_prefix(std::min(reason.find(": ", column) + 2, reason.size()));
    source_.fail(std::max<Index>(static_cast<Index>(position) - 1, 0), reason);
  }

 private:
  [[noreturn]] void fail(std::string_view reason) const {
    source_.fail(reached_ - source_.text.data() - 1, reason);
  }

  Json* place(Json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_array()) return &open_.back()->emplace_back(std::move(value));
    return &(*member_ = std::move(value));
  }
  bool add(Json value) { return place(std::move(value)) != nullptr; }
  bool open(Json value) {
    if (static_cast<int>(open_.size()) == max_depth_)
      fail(concatenate("expected at most ", max_depth_, " levels of nesting, got more"));
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonSource& source_;
  int max_depth_;
  const char* const& reached_;
  Json root_;
  std::vector<Json*> open_;  // the arrays and objects around the current place; none moves while it is open
  Json* member_ = nullptr;
};

}  // namespace detail

MEMSIZER_TEXT_FUNCTION Json parse_json(std::string_view text, std::string_view name,
                                       const JsonOptions& options) {
  require(static_cast<Index>(text.size()) <= options.max_bytes, name, ": expected at most ",
          options.max_bytes, " bytes of JSON, got ", text.size());
  const detail::JsonSource source{text, name, options.first_line};
  // nlohmann's lexer takes a zero byte for the end of the text.
  if (const auto zero = text.find('\0'); zero != text.npos)
    source.fail(static_cast<Index>(zero), "expected text, got a zero byte");
  const char* reached = text.data();
  detail::StrictBuilder builder(source, options.max_depth, reached);
  const detail::TrackedIterator first(text.data(), &reached), last(text.data() + text.size(), &reached);
  if (!Json::sax_parse(first, last, &builder)) source.fail(reached - text.data(), "expected JSON text");
  return builder.take();
}

namespace detail {

template <class Document>
bool can_be_written(const Document& document) {
  try {
    document.dump();
    return true;
  } catch (const typename Document::exception&) {
    return false;
  }
}

/// The key or string because of which a document cannot be written.
template <class Document>
std::string text_that_is_not_utf8(const Document& document) {
  if (document.is_string()) return document.template get<std::string>();
  for (const auto& member : document.items()) {
    if (document.is_object() && !can_be_written(Document(member.key()))) return member.key();
    if (!can_be_written(member.value())) return text_that_is_not_utf8(member.value());
  }
  return {};
}

template <class Document>
std::string dump(const Document& document, int indent) {
  const auto require_finite = [](const auto& self, const Document& value) -> void {
    if (value.is_number_float())
      require(std::isfinite(value.template get<double>()), "JSON cannot express NaN or infinity");
    if (value.is_structured())
      for (const auto& child : value) self(self, child);
  };
  require_finite(require_finite, document);
  try {
    return document.dump(indent) + '\n';
  } catch (const typename Document::exception&) {
    throw InputError(concatenate("text to be written as JSON is not valid UTF-8: \"",
                                 printable(text_that_is_not_utf8(document)), "\""));
  }
}

}  // namespace detail

MEMSIZER_TEXT_FUNCTION std::string dump_json(const Json& document, int indent) {
  return detail::dump(document, indent);
}
MEMSIZER_TEXT_FUNCTION std::string dump_json(const nlohmann::ordered_json& document, int indent) {
  return detail::dump(document, indent);
}

MEMSIZER_TEXT_FUNCTION nlohmann::ordered_json parse_own_json(std::string_view text) {
  return nlohmann::ordered_json::parse(text);
}

MEMSIZER_TEXT_FUNCTION std::string compact_text(const Json& document) {
  return document.dump();
}
MEMSIZER_TEXT_FUNCTION std::string compact_text(const nlohmann::ordered_json& document) {
  return document.dump();
}

#endif

}  // namespace memsizer::files
