#pragma once
// The nearest of several names, for error messages that say what was probably meant.

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// The least number of letters to insert, remove or replace to get from a to b (Levenshtein 1966).
inline int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    int diagonal = std::exchange(row[0], static_cast<int>(i) + 1);
    for (std::size_t j = 0; j < b.size(); ++j)
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, diagonal + (a[i] != b[j])}));
  }
  return row[b.size()];
}

namespace detail {

/// Whether `short_name` is made of beginnings of all words in `words`, in order, each of at least one letter.
/// A word ends at _ or -.
inline bool is_made_of_beginnings(std::string_view short_name, std::string_view words) {
  const std::size_t end = words.find_first_of("_-");
  const std::string_view word = words.substr(0, end);
  if (end == words.npos) return !short_name.empty() && word.starts_with(short_name);
  for (std::size_t length = 1; length <= std::min(word.size(), short_name.size()); ++length) {
    if (word[length - 1] != short_name[length - 1]) return false;
    std::string_view rest = short_name.substr(length);
    if (rest.starts_with('_') || rest.starts_with('-')) rest.remove_prefix(1);
    if (is_made_of_beginnings(rest, words.substr(end + 1))) return true;
  }
  return false;
}

/// The name without an option's leading dashes.
inline std::string_view without_dashes(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

}  // namespace detail

/// Whether `name` shortens `whole` word by word, as lr, learn_rate and lrate shorten learning_rate, and as
/// voc shortens vocab. Options may keep their dashes, as in --vs for --vocab-size. A single letter is never
/// an abbreviation.
inline bool is_abbreviation(std::string_view name, std::string_view whole) {
  name = detail::without_dashes(name);
  return name.size() > 1 && detail::is_made_of_beginnings(name, detail::without_dashes(whole));
}

/// The name that was probably meant: the shortest one that `name` abbreviates, else the one with the smallest
/// edit distance. Among equals the first wins. `names` is not empty.
inline std::string nearest_name(std::string_view name, std::span<const std::string> names) {
  return *std::ranges::min_element(names, {}, [&](const std::string& other) {
    const bool abbreviates = is_abbreviation(name, other);
    return std::pair(!abbreviates, abbreviates ? static_cast<int>(other.size()) : edit_distance(name, other));
  });
}

/// Whether `name` may well stand for `other`: it abbreviates it, or differs in a third of the letters at
/// most.
inline bool is_near(std::string_view name, std::string_view other) {
  const auto letters = static_cast<int>(std::max(name.size(), other.size()));
  return is_abbreviation(name, other) || edit_distance(name, other) <= (letters + 2) / 3;
}

/// For an error that names an unknown word: "; did you mean 'dim'?", or "; the nearest name is 'dim'" where
/// nothing is near. `names` is not empty.
inline std::string suggestion(std::string_view word, std::span<const std::string> names) {
  const std::string name = nearest_name(word, names);
  return is_near(word, name) ? "; did you mean '" + name + "'?" : "; the nearest name is '" + name + "'";
}

}  // namespace memsizer
