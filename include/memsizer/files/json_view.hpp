#pragma once
// Reads values from JSON by typed getters, whose errors say where the fault is and what was expected.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/lists.hpp"
#include "memsizer/files/json.hpp"

namespace memsizer::files {

namespace detail {

inline std::string member_path(const std::string& path, std::string_view key) {
  return (path.empty() ? "" : path + ".") + printable(key);
}
inline std::string element_path(const std::string& path, Index element) {
  return concatenate(path, "[", element, "]");
}

/// The line, from 1, of the value at a path in a text that has been parsed without an error, or of its key; 1
/// if there is no such value.
Index line_of_value(std::string_view text, const std::string& path);

#if MEMSIZER_TEXT_HAS_BODIES

/// Reads a text again, which has been parsed without an error, as far as the value at a path. Documents do
/// not store the places of their values: only errors need them.
class PlaceFinder {
 public:
  /// The line, from 1, of the value at a path, or of its key; 1 if there is no such value.
  static Index line_of(std::string_view text, const std::string& path) {
    const char* reached = text.data();
    PlaceFinder finder(path);
    const TrackedIterator first(text.data(), &reached), last(text.data() + text.size(), &reached);
    Json::sax_parse(first, last, &finder);
    // The parser has read one byte more than a number.
    const auto before = std::max<std::ptrdiff_t>(reached - text.data() - 1, 0);
    return finder.is_found_ ? 1 + std::count(text.begin(), text.begin() + before, '\n') : 1;
  }

  // nlohmann's parse events; false ends the parsing.
  bool null() { return value(); }
  bool boolean(bool) { return value(); }
  bool number_integer(Json::number_integer_t) { return value(); }
  bool number_unsigned(Json::number_unsigned_t) { return value(); }
  bool number_float(Json::number_float_t, const Json::string_t&) { return value(); }
  bool string(Json::string_t&) { return value(); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(size_t) { return open(false); }
  bool end_object() { return close(); }
  bool start_array(size_t) { return open(true); }
  bool end_array() { return close(); }
  bool key(Json::string_t& name) {
    open_.back().member = member_path(open_.back().path, name);
    return is_elsewhere(open_.back().member);
  }
  bool parse_error(size_t, const std::string&, const Json::exception&) { return false; }

 private:
  /// An object or array around the current place.
  struct Level {
    std::string path;
    bool is_array;
    Index elements = 0;
    std::string member = {};
  };

  explicit PlaceFinder(const std::string& path) : path_(path) {}

  /// The path of the value that begins here.
  std::string next_path() {
    if (open_.empty()) return {};
    Level& level = open_.back();
    return level.is_array ? element_path(level.path, level.elements++) : level.member;
  }
  bool is_elsewhere(const std::string& path) {
    is_found_ = path == path_;
    return !is_found_;
  }
  bool value() { return is_elsewhere(next_path()); }
  bool open(bool is_array) {
    open_.push_back({next_path(), is_array});
    return is_elsewhere(open_.back().path);
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string& path_;
  bool is_found_ = false;
  std::vector<Level> open_;
};

MEMSIZER_TEXT_FUNCTION Index line_of_value(std::string_view text, const std::string& path) {
  return PlaceFinder::line_of(text, path);
}

#endif

}  // namespace detail

/// A value inside a document, which knows its file and path for errors such as
/// "config.json:4: model.layers: expected an integer, got the string "six"". The document must outlive it,
/// and so must its text. Errors name no line if the text is not given.
class JsonView {
 public:
  JsonView(const Json& document, std::string file, std::string_view text = {})
      : value_(&document), file_(std::move(file)), text_(text) {}
  JsonView(Json&&, std::string, std::string_view = {}) = delete;

  const Json& json() const { return *value_; }
  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }

  /// The file and, if the text is known, the line of this value or its key: "config.json:4".
  std::string place() const {
    return text_.empty() ? file_ : concatenate(file_, ':', detail::line_of_value(text_, path_));
  }

  /// InputError at this place.
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw InputError(concatenate(place(), ": ", path_.empty() ? "" : path_ + ": ", parts...));
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
    return JsonView(place->second, *this, detail::member_path(path_, key));
  }
  JsonView element(Index i) const {
    if (i < 0 || i >= static_cast<Index>(array().size())) fail("expected an element ", i, ", got ", size());
    return JsonView(array()[static_cast<size_t>(i)], *this, detail::element_path(path_, i));
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
        at(name).fail("unknown key, expected ", join(keys));
  }

  [[noreturn]] void fail_type(std::string_view expected) const {
    fail("expected ", expected, ", got ", describe());
  }

 private:
  JsonView(const Json& value, const JsonView& whole, std::string path)
      : value_(&value), file_(whole.file_), text_(whole.text_), path_(std::move(path)) {}

  std::string describe() const {
    if (value_->is_object()) return concatenate("an object of ", size());
    if (value_->is_array()) return concatenate("an array of ", size());
    if (value_->is_string())
      return concatenate("the string \"", printable(value_->get_ref<const std::string&>(), 60), "\"");
    return compact_text(*value_);
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
    if (std::abs(number) > std::numeric_limits<T>::max())
      fail("expected a number up to ", std::numeric_limits<T>::max(), ", got ", number,
           ", which is out of range");
    return static_cast<T>(number);
  }

  const Json* value_;
  std::string file_;
  std::string_view text_;
  std::string path_;
};

/// A document with its text. It stays where it is, because views point into it.
class JsonFile {
 public:
  /// Parses a text, called `name` in errors, as parse_json does.
  JsonFile(std::string text, std::string name, const JsonOptions& options = {})
      : text_(std::move(text)), name_(std::move(name)), document_(parse_json(text_, name_, options)) {}
  explicit JsonFile(const std::filesystem::path& path, const JsonOptions& options = {})
      : JsonFile(read_file(path, options.max_bytes), path.string(), options) {}
  JsonFile(const JsonFile&) = delete;
  JsonFile& operator=(const JsonFile&) = delete;

  const Json& json() const { return document_; }
  JsonView view() const { return JsonView(document_, name_, text_); }

 private:
  std::string text_, name_;
  Json document_;
};

}  // namespace memsizer::files
