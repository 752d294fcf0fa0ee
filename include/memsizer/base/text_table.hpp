#pragma once
// Formats rows of words as columns, for standard output.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/base/linkage.hpp"

namespace memsizer {

/// The rows with two spaces between columns; `alignment` has a letter for each column, l (left) or r (right).
std::string text_table(const std::vector<std::vector<std::string>>& rows, std::string_view alignment);

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION std::string text_table(const std::vector<std::vector<std::string>>& rows,
                                              std::string_view alignment) {
  std::vector<std::size_t> widths(alignment.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      line += (i > 0 ? "  " : "") + (alignment[i] == 'r' ? space + row[i] : row[i] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}
#endif

}  // namespace memsizer
