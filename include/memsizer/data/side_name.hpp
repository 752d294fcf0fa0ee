#pragma once
// What the name of a file with sentences of one language tells: the language, and the set that it belongs to.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "memsizer/data/language_codes.hpp"
#include "memsizer/data/splits.hpp"

namespace memsizer::data {

/// The name of a file that holds one language. For "dev/newstest2016-deen-src.de.sgm.gz", `language` is "de",
/// `role` "src", `direction` "deen", and `set` "dev/newstest2016": what its other side shares with it.
struct SideName {
  std::string language, role, direction, set;
  bool sgml = false;
};

namespace detail {

/// Cuts the part after the last `separator` from a name and returns it; empty if there is none.
inline std::string cut_last_part(std::string& name, char separator) {
  const std::size_t place = name.rfind(separator);
  if (place == name.npos || place == 0) return {};
  const std::string part = name.substr(place + 1);
  name.erase(place);
  return part;
}

}  // namespace detail

/// The two languages that a name tells: "deen" and "de-en" are German and English.
inline std::optional<std::pair<std::string, std::string>> read_direction(std::string_view word) {
  const std::size_t dash = word.find('-');
  const bool joined = dash == word.npos && word.size() == 4;
  if (dash == word.npos && !joined) return std::nullopt;
  const std::string first(word.substr(0, joined ? 2 : dash)), second(word.substr(joined ? 2 : dash + 1));
  if (!is_language_code(first) || !is_language_code(second)) return std::nullopt;
  return std::pair(first, second);
}

namespace detail {

/// Cuts "-src" or "-ref" from the end of a name, and a direction such as "-deen" before it.
inline void cut_role_and_direction(std::string& name, SideName& side) {
  std::string rest = name;
  const std::string role = cut_last_part(rest, '-');
  if (role != "src" && role != "ref") return;
  side.role = role;
  name = rest;
  const std::string direction = cut_last_part(rest, '-');
  if (!read_direction(direction)) return;
  side.direction = direction;
  name = rest;
}

}  // namespace detail

/// Nothing if the name has no ending that could be a language.
inline std::optional<SideName> read_side_name(const std::filesystem::path& file) {
  SideName side;
  std::string name = uncompressed_name(file).string();
  const std::string form = form_of(file);
  side.sgml = form == ".sgm" || form == ".sgml";
  if (side.sgml || form == ".txt") detail::cut_last_part(name, '.');
  side.language = detail::cut_last_part(name, '.');
  if (side.language.empty()) return std::nullopt;
  if (side.sgml) detail::cut_role_and_direction(name, side);
  side.set = (file.parent_path() / name).string();
  return side;
}

/// Whether a name tells another pair of languages, as europarl-v7.fr-en.en does for German and English.
inline bool tells_other_languages(const SideName& side, const Languages& languages) {
  const auto is_other = [&](std::string_view word) {
    const auto pair = read_direction(word);
    if (!pair) return false;
    const auto are_ours = [&](const std::string& source, const std::string& target) {
      return same_language(source, languages.source) && same_language(target, languages.target);
    };
    return !are_ours(pair->first, pair->second) && !are_ours(pair->second, pair->first);
  };
  if (is_other(side.direction)) return true;
  std::string name = std::filesystem::path(side.set).filename().string();
  for (std::string part = detail::cut_last_part(name, '.'); !part.empty();
       part = detail::cut_last_part(name, '.'))
    if (part.find('-') != part.npos && is_other(part)) return true;
  return false;
}

}  // namespace memsizer::data
