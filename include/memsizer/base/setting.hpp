#pragma once
// A setting: a field of a struct together with the row that names it for people. The field stands where the
// code reads it. The row stands beside it, or in a file of rows where the field is in a core header, which
// needs no names. Nothing else needs to know the setting. Example:
//
//     struct Cake { Index eggs = 2; double sugar = 0.5; };
//     inline std::vector<Setting<Cake>> cake_settings() {
//       return {number("eggs", "eggs in the dough", &Cake::eggs, {1, 12}),
//               number("sugar", "kilograms of sugar", &Cake::sugar, {0, 2})};
//     }

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/lists.hpp"
#include "memsizer/base/read_number.hpp"

namespace memsizer {

/// What changes in a run if the setting changes.
enum class SettingRole {
  label,     ///< what is trained: an option of its own names it, as --task does
  model,     ///< the shape of the model: weights of another value do not fit
  training,  ///< the weights that training gives
  watching   ///< logging and saving alone, so it may change when a run is resumed
};

enum class SettingType { whole, real, pair, truth, text };

/// The least and the greatest value of a number.
struct Range {
  double least = 0, most = 1e15;
};

/// The condition under which a setting has an effect: another setting has one of some values, or none of
/// them. Example: momentum needs optimizer to be "nesterov".
struct SettingNeed {
  std::string setting = {};
  std::vector<std::string> values = {};
  bool is_excluded = false;  // true: the other setting must have none of the values
  std::string reason = {};  // the text if the condition does not hold: "only the optimizer nesterov reads it"
};

/// Only tasks of one form read the setting: those with a source text beside the target, or those without. The
/// reason follows the title of a task of the other form: "has no source text".
struct SettingForm {
  bool has_source = false;
  std::string reason = {};
};

/// Another setting, whose value this one takes if its own is 0 or empty. Example: encoder_layers follows
/// layers.
struct SettingFollowed {
  std::string setting = {};
  /// Whether a value of the other one that was given later counts more than an own value.
  bool also_if_newer = false;
};

/// When a setting has an effect, and what is said of it.
struct SettingEffect {
  std::optional<SettingNeed> need = {};
  std::optional<SettingForm> form = {};
  /// In the places below, a setting that kinds of attention read is what the followed one is elsewhere.
  std::optional<SettingFollowed> follows = {};
  /// Where the layers stand that read it: "encoder", "decoder" or "cross"; empty: wherever no other setting
  /// follows it.
  std::vector<std::string> places = {};
  /// What is said if no layer reads it; empty: a sentence that lists the kinds of attention that would.
  std::string unread = {};
  /// Why models that differ in this setting alone are the same in a comparison; empty: they are not.
  std::string same_models = {};
  /// What its number counts, if that is one of the sizes by which a model is described: "slots".
  std::string noun = {};
};

template <class Owner>
struct Setting {
  std::string name, meaning;
  SettingType type = SettingType::text;
  Range range = {};                       // of numbers
  std::vector<std::string> choices = {};  // of texts; empty: any text
  /// text() gives the value as text, assign() takes it from text. If the text is no value of the setting,
  /// assign() throws InputError and changes nothing.
  std::function<std::string(const Owner&)> text = {};
  std::function<void(Owner&, const std::string&)> assign = {};
  SettingRole role = SettingRole::training;
  SettingEffect effect = {};

  Setting needs(SettingNeed condition) && {
    effect.need = std::move(condition);
    return std::move(*this);
  }
  Setting with(SettingEffect known) && {
    effect = std::move(known);
    return std::move(*this);
  }
};

namespace detail {

inline std::string number_text(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// A whole or real number from text. InputError, which names the setting, if the text is anything else or out
/// of range.
template <class Number>
Number parse_setting(const std::string& name, const Range& range, std::string_view text) {
  Number number{};
  const std::errc error = read_number(text, number);
  require(error != std::errc::invalid_argument, name, ": a ",
          std::is_same_v<Number, double> ? "number" : "whole number", " expected, got '", text, "'");
  const auto value = static_cast<double>(number);
  require(error == std::errc() && value >= range.least && value <= range.most, name, ": a number from ",
          range.least, " to ", range.most, " expected, got ", text);
  return number;
}

}  // namespace detail

/// The row of a whole or real number.
template <class Owner, class Number>
Setting<Owner> number(std::string name, std::string meaning, Number Owner::*field, Range range = {}) {
  static_assert(std::is_same_v<Number, Index> || std::is_same_v<Number, double>);
  constexpr bool whole = std::is_same_v<Number, Index>;
  Setting<Owner> row{.name = name,
                     .meaning = std::move(meaning),
                     .type = whole ? SettingType::whole : SettingType::real,
                     .range = range};
  row.text = [field](const Owner& owner) {
    if constexpr (whole)
      return std::to_string(owner.*field);
    else
      return detail::number_text(owner.*field);
  };
  row.assign = [name, range, field](Owner& owner, const std::string& text) {
    owner.*field = detail::parse_setting<Number>(name, range, text);
  };
  return row;
}

/// The row of a field that is true or false.
template <class Owner>
Setting<Owner> truth(std::string name, std::string meaning, bool Owner::*field) {
  Setting<Owner> row{.name = name, .meaning = std::move(meaning), .type = SettingType::truth};
  row.text = [field](const Owner& owner) -> std::string { return owner.*field ? "true" : "false"; };
  row.assign = [name, field](Owner& owner, const std::string& text) {
    require(text == "true" || text == "false", name, ": true or false expected, got '", text, "'");
    owner.*field = text == "true";
  };
  return row;
}

/// The row of a text: one of the choices, or any text if there are no choices.
template <class Owner>
Setting<Owner> text_setting(std::string name, std::string meaning, std::string Owner::*field,
                            std::vector<std::string> choices = {}) {
  Setting<Owner> row{.name = name, .meaning = std::move(meaning), .choices = choices};
  row.text = [field](const Owner& owner) { return owner.*field; };
  row.assign = [name, field, choices = std::move(choices)](Owner& owner, const std::string& text) {
    const bool known = choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end();
    require(known, name, ": one of ", join(choices), " expected, got '", text, "'");
    owner.*field = text;
  };
  return row;
}

/// The row of a comma list of texts. Example: "memsizer,transformer" becomes a vector of two; an empty text
/// has no part.
template <class Owner>
Setting<Owner> list_setting(std::string name, std::string meaning, std::vector<std::string> Owner::*field) {
  Setting<Owner> row{.name = name, .meaning = std::move(meaning)};
  row.text = [field](const Owner& owner) { return join(owner.*field, ","); };
  row.assign = [name, field](Owner& owner, const std::string& text) {
    owner.*field = split_list(text, name);
  };
  return row;
}

/// The row of an enumeration (or of any value that has names): each choice is a name with its value. A value
/// without a name has the text of the first choice.
template <class Owner, class Value>
Setting<Owner> choice(std::string name, std::string meaning, Value Owner::*field,
                      std::vector<std::pair<std::string, Value>> choices) {
  Setting<Owner> row{.name = name, .meaning = std::move(meaning)};
  for (const auto& [word, value] : choices) row.choices.push_back(word);
  row.text = [field, choices](const Owner& owner) {
    for (const auto& [word, value] : choices)
      if (value == owner.*field) return word;
    return choices.front().first;
  };
  row.assign = [name, field, choices, words = row.choices](Owner& owner, const std::string& text) {
    for (const auto& [word, value] : choices)
      if (word == text) return void(owner.*field = value);
    throw InputError(concatenate(name, ": one of ", join(words), " expected, got '", text, "'"));
  };
  return row;
}

/// The row of two numbers with a comma between them, such as Adam's betas.
template <class Owner>
Setting<Owner> pair_setting(std::string name, std::string meaning, double Owner::*first,
                            double Owner::*second, Range range = {}) {
  Setting<Owner> row{.name = name, .meaning = std::move(meaning), .type = SettingType::pair, .range = range};
  row.text = [first, second](const Owner& owner) {
    return detail::number_text(owner.*first) + ',' + detail::number_text(owner.*second);
  };
  row.assign = [name, range, first, second](Owner& owner, const std::string& text) {
    const auto comma = text.find(',');
    require(comma != text.npos, name, ": two numbers with a comma between expected, got '", text, "'");
    const std::string_view view = text;
    const double a = detail::parse_setting<double>(name, range, view.substr(0, comma)),
                 b = detail::parse_setting<double>(name, range, view.substr(comma + 1));
    owner.*first = a, owner.*second = b;
  };
  return row;
}

/// The rows, all with this role.
template <class Owner>
std::vector<Setting<Owner>> with_role(SettingRole role, std::vector<Setting<Owner>> rows) {
  for (Setting<Owner>& row : rows) row.role = role;
  return rows;
}

/// Joins lists of rows.
template <class Owner, class... More>
std::vector<Setting<Owner>> concatenated(std::vector<Setting<Owner>> rows, const More&... more) {
  (rows.insert(rows.end(), more.begin(), more.end()), ...);
  return rows;
}

/// The row of a struct as a row of a larger struct that holds it as a member.
template <class Outer, class Inner>
Setting<Outer> setting_of_member(Inner Outer::*member, const Setting<Inner>& row) {
  return {.name = row.name,
          .meaning = row.meaning,
          .type = row.type,
          .range = row.range,
          .choices = row.choices,
          .text = [member, text = row.text](const Outer& outer) { return text(outer.*member); },
          .assign = [member, assign = row.assign](Outer& outer,
                                                  const std::string& text) { assign(outer.*member, text); },
          .role = row.role,
          .effect = row.effect};
}

/// The same for all rows of a struct.
template <class Outer, class Inner>
std::vector<Setting<Outer>> settings_of_member(Inner Outer::*member,
                                               const std::vector<Setting<Inner>>& rows) {
  std::vector<Setting<Outer>> lifted;
  for (const Setting<Inner>& row : rows) lifted.push_back(setting_of_member(member, row));
  return lifted;
}

}  // namespace memsizer
