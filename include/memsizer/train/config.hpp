#pragma once
// A run's configuration from and to text and JSON.

#include <charconv>

#include "memsizer/base/lists.hpp"
#include "memsizer/base/read_number.hpp"
#include "memsizer/files/json.hpp"
#include "memsizer/train/config_keys.hpp"

namespace memsizer::train {

namespace detail {

/// A whole number or real number from text, all of it and in the key's range; InputError naming the key.
template <class Number>
Number parse_number(const ConfigKey& key, std::string_view text) {
  Number number{};
  const std::errc error = read_number(text, number);
  require(error != std::errc::result_out_of_range, key.name, ": a number from ", key.least, " to ", key.most,
          " expected, got '", text, "'");
  require(error == std::errc(), key.name, ": a ", std::is_same_v<Number, double> ? "number" : "whole number",
          " expected, got '", text, "'");
  const auto value = static_cast<double>(number);
  require(value >= key.least && value <= key.most, key.name, ": a number from ", key.least, " to ", key.most,
          " expected, got ", value);
  return number;
}

}  // namespace detail

/// Sets a key from text, as --set does; InputError, and nothing is set, if the text is no value of it.
inline void set(Config& config, const ConfigKey& key, const std::string& text) {
  if (const auto* member = std::get_if<Index Config::*>(&key.member)) {
    config.*(*member) = detail::parse_number<Index>(key, text);
  } else if (const auto* member = std::get_if<double Config::*>(&key.member)) {
    config.*(*member) = detail::parse_number<double>(key, text);
  } else if (const auto* member = std::get_if<bool Config::*>(&key.member)) {
    require(text == "true" || text == "false", key.name, ": true or false expected, got '", text, "'");
    config.*(*member) = text == "true";
  } else if (const auto* member = std::get_if<std::array<double, 2> Config::*>(&key.member)) {
    const auto comma = text.find(',');
    require(comma != text.npos, key.name, ": two numbers with a comma between expected, got '", text, "'");
    config.*(*member) = {detail::parse_number<double>(key, text.substr(0, comma)),
                         detail::parse_number<double>(key, text.substr(comma + 1))};
  } else {
    require(key.choices.empty() || std::ranges::count(key.choices, text) > 0, key.name, ": one of ",
            join(key.choices), " expected, got '", text, "'");
    config.*std::get<std::string Config::*>(key.member) = text;
  }
}

/// A key=value of --set.
inline void set(Config& config, const std::string& assignment) {
  const auto equals = assignment.find('=');
  require(equals != assignment.npos, "--set: key=value expected, got '", assignment, "'");
  const ConfigKey& key = find_key(assignment.substr(0, equals));
  require(key.role != KeyRole::label, "--set: ", key.name, " has an option of its own, --", key.name);
  set(config, key, assignment.substr(equals + 1));
}

/// The value of a key as text, as --set would take it.
inline std::string text_of(const Config& config, const ConfigKey& key) {
  const auto number = [](double value) {
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
  };
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = config.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>)
          return value;
        else if constexpr (std::is_same_v<Value, bool>)
          return value ? "true" : "false";
        else if constexpr (std::is_same_v<Value, Index>)
          return std::to_string(value);
        else if constexpr (std::is_same_v<Value, double>)
          return number(value);
        else
          return number(value[0]) + ',' + number(value[1]);
      },
      key.member);
}

namespace detail {

/// A member of a JSON object as the text that --set would take.
inline std::string text_of(const ConfigKey& key, const files::JsonView& view) {
  const files::Json& value = view.json();
  if (key.is_text()) return view.get<std::string>();
  if (std::holds_alternative<bool Config::*>(key.member)) return view.get<bool>() ? "true" : "false";
  if (std::holds_alternative<std::array<double, 2> Config::*>(key.member)) {
    const auto pair = view.get<std::vector<double>>();
    if (pair.size() != 2) view.fail("two numbers expected, got ", pair.size());
    return value[0].dump() + ',' + value[1].dump();
  }
  view.get<double>();
  return value.dump();
}

}  // namespace detail

/// Sets the keys of a JSON object (of --config, of config.json); InputError with the place of what does not
/// fit.
inline void set(Config& config, const files::JsonView& json) {
  for (const auto& member : json.object()) {
    const files::JsonView view = json.at(member.first);
    try {
      const ConfigKey& key = find_key(member.first);
      set(config, key, detail::text_of(key, view));
    } catch (const InputError& error) {
      const std::string text = error.what();
      throw InputError(text.starts_with(json.file()) ? text : concatenate(json.file(), ": ", text));
    }
  }
}

/// InputError where a key has a value that could not be read back from config.json.
inline void check(const Config& config) {
  Config read;
  for (const ConfigKey& key : config_keys()) set(read, key, text_of(config, key));
}

/// All keys with their values, in their order.
inline nlohmann::ordered_json to_json(const Config& config) {
  nlohmann::ordered_json json;
  for (const ConfigKey& key : config_keys())
    std::visit([&](auto member) { json[key.name] = config.*member; }, key.member);
  return json;
}

}  // namespace memsizer::train
