#pragma once
// The nearest of several names, for error messages that say what was probably meant.

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// The name with the smallest edit distance; the first of equal ones. `names` is not empty.
inline std::string nearest_name(std::string_view name, std::span<const std::string> names) {
  return *std::ranges::min_element(names, {},
                                   [&](const std::string& other) { return edit_distance(name, other); });
}

}  // namespace memsizer
