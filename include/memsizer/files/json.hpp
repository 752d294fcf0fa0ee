#pragma once
// Reads JSON from elsewhere. The parser is strict, and typed getters give errors that say where the fault is.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/printable.hpp"
#include "memsizer/files/descriptor.hpp"

namespace memsizer::files {

using Json = nlohmann::json;

struct JsonOptions {
  Index max_bytes = Index{256} << 20;
  int max_depth = 64;
  Index first_line = 1;  ///< of the text in its file, for errors (a line of a .jsonl)
};

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
    if (!is_new) fail(concatenate("duplicate key \"", name, "\""));
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
    if (static_cast<int>(open_.size()) == max_depth_) fail(concatenate("nested deeper than ", max_depth_));
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

/// Parses a whole text, called `name` in errors. InputError with file:line:column for bad syntax, invalid
/// UTF-8, a number out of range, a duplicate key, nesting over 64, anything after the value, or a text over
/// 256 MiB.
inline Json parse_json(std::string_view text, std::string_view name, const JsonOptions& options = {}) {
  require(static_cast<Index>(text.size()) <= options.max_bytes, name, ": expected at most ",
          options.max_bytes, " bytes of JSON, got ", text.size());
  const detail::JsonSource source{text, name, options.first_line};
  // nlohmann's lexer takes a zero byte for the end of the text.
  if (const auto zero = text.find('\0'); zero != text.npos)
    source.fail(static_cast<Index>(zero), "a zero byte");
  const char* reached = text.data();
  detail::StrictBuilder builder(source, options.max_depth, reached);
  const detail::TrackedIterator first(text.data(), &reached), last(text.data() + text.size(), &reached);
  if (!Json::sax_parse(first, last, &builder)) source.fail(reached - text.data(), "not JSON text");
  return builder.take();
}

inline Json read_json(const std::filesystem::path& path, const JsonOptions& options = {}) {
  return parse_json(read_file(path, options.max_bytes), path.string(), options);
}

/// A value that may be unknown; then null.
template <class T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  return *value;
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

}  // namespace detail

/// The text of a document, with a newline at its end; on one line if `indent` is negative. Doubles are
/// written so that reading gives the same double. InputError for text that is not UTF-8, and for NaN and
/// infinity, which JSON cannot express. Takes nlohmann::json (sorted keys) and nlohmann::ordered_json.
template <class Document>
std::string dump_json(const Document& document, int indent = 2) {
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
                                 printable(detail::text_that_is_not_utf8(document)), "\""));
  }
}

/// A value inside a document, which knows its file and path for errors such as
/// "config.json: model.layers: expected an integer, got the string "six"". The document must outlive it.
class JsonView {
 public:
  JsonView(const Json& document, std::string file) : value_(&document), file_(std::move(file)) {}
  JsonView(Json&&, std::string) = delete;

  const Json& json() const { return *value_; }
  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }

  /// InputError at this place.
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw InputError(concatenate(file_, ": ", path_.empty() ? "" : path_ + ": ", parts...));
  }

  bool is_null() const { return value_->is_null(); }
  bool contains(std::string_view key) const { return object().count(std::string(key)) != 0; }
  Index size() const { return static_cast<Index>(value_->size()); }

  const Json::object_t& object() const {
    if (!value_->is_object()) fail_type("an object");
    return value_->get_ref<const Json::object_t&>();
  }
  const Json::array_t& array() const {
    if (!value_->is_array()) fail_type("an array");
    return value_->get_ref<const Json::array_t&>();
  }

  /// The member of that name; InputError if there is none.
  JsonView at(std::string_view key) const {
    const auto found = find(key);
    if (!found) fail("expected a key \"", printable(key), "\", got none");
    return *found;
  }
  std::optional<JsonView> find(std::string_view key) const {
    const auto& members = object();
    const auto place = members.find(std::string(key));
    if (place == members.end()) return std::nullopt;
    return JsonView(place->second, file_, (path_.empty() ? "" : path_ + ".") + printable(key));
  }
  JsonView element(Index i) const {
    if (i < 0 || i >= static_cast<Index>(array().size())) fail("expected an element ", i, ", got ", size());
    return JsonView(array()[static_cast<size_t>(i)], file_, concatenate(path_, "[", i, "]"));
  }
  std::vector<JsonView> elements() const {
    std::vector<JsonView> views;
    for (Index i = 0; i < static_cast<Index>(array().size()); ++i) views.push_back(element(i));
    return views;
  }

  /// This value as bool, an integer type (in its range), float or double, std::string, or a std::vector of
  /// these.
  template <class T>
  T get() const {
    if constexpr (std::same_as<T, bool>) {
      if (!value_->is_boolean()) fail_type("true or false");
      return value_->get<bool>();
    } else if constexpr (std::integral<T>) {
      return get_integer<T>();
    } else if constexpr (std::floating_point<T>) {
      return get_number<T>();
    } else if constexpr (std::same_as<T, std::string>) {
      if (!value_->is_string()) fail_type("a string");
      return value_->get<std::string>();
    } else {
      T values;
      for (const JsonView& view : elements()) values.push_back(view.get<typename T::value_type>());
      return values;
    }
  }
  template <class T>
  T get(std::string_view key) const {
    return at(key).get<T>();
  }
  /// The member of that name, or `fallback` if it is absent or null.
  template <class T>
  T get_or(std::string_view key, T fallback) const {
    const auto found = find(key);
    return found && !found->is_null() ? found->get<T>() : fallback;
  }

  /// InputError, which names the first other key, if the object has keys besides these.
  void allow_only(std::initializer_list<std::string_view> keys) const {
    for (const auto& [name, value] : object())
      if (std::find(keys.begin(), keys.end(), name) == keys.end())
        fail("unknown key \"", printable(name), "\"");
  }

  [[noreturn]] void fail_type(std::string_view expected) const {
    fail("expected ", expected, ", got ", describe());
  }

 private:
  JsonView(const Json& value, const std::string& file, std::string path)
      : value_(&value), file_(file), path_(std::move(path)) {}

  std::string describe() const {
    if (value_->is_object()) return concatenate("an object of ", size());
    if (value_->is_array()) return concatenate("an array of ", size());
    if (value_->is_string())
      return concatenate("the string \"", printable(value_->get_ref<const std::string&>(), 60), "\"");
    return value_->dump();
  }

  template <class T>
  T get_integer() const {
    const auto convert = [&](auto number) {
      if (!std::in_range<T>(number))
        fail("expected an integer from ", +std::numeric_limits<T>::min(), " to ",
             +std::numeric_limits<T>::max(), ", got ", number);
      return static_cast<T>(number);
    };
    if (value_->is_number_unsigned()) return convert(value_->get<std::uint64_t>());
    if (!value_->is_number_integer()) fail_type("an integer");
    return convert(value_->get<std::int64_t>());
  }

  template <class T>
  T get_number() const {
    if (!value_->is_number()) fail_type("a number");
    const double number = value_->get<double>();
    if (std::abs(number) > std::numeric_limits<T>::max()) fail("the number ", number, " is out of range");
    return static_cast<T>(number);
  }

  const Json* value_;
  std::string file_, path_;
};

}  // namespace memsizer::files
