#pragma once
// A longest common subsequence of two texts: words that both have in the same order, such as "the cat sat" of
// "the old cat sat" and "the cat then sat".

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"

namespace memsizer::metrics {

/// The lengths of two texts may have this product: two texts of 16,384 words. The table then has 32 MiB.
inline constexpr Index max_subsequence_table = Index{1} << 28;

/// The positions in the reference of a longest common subsequence with the other text, in order. With
/// L[i][j] for the longest of the first i and j symbols,
///
///     L[i][j] = L[i-1][j-1] + 1                if the symbols i and j are equal,
///               max(L[i-1][j], L[i][j-1])      otherwise.
///
/// Of several that are equally long we take the one that rouge_score takes, which decides which words a union
/// of several has: the walk back from the end leaves the last symbol of the other text only if the last one
/// of the reference cannot be left. InputError if the product of the lengths is over `max_subsequence_table`.
inline std::vector<std::size_t> common_subsequence(std::u32string_view reference, std::u32string_view other) {
  const std::size_t rows = reference.size(), columns = other.size();
  require(columns == 0 || rows <= static_cast<std::size_t>(max_subsequence_table) / columns,
          "expected two texts whose numbers of words have a product of at most ", max_subsequence_table,
          ", got ", rows, " and ", columns, " words");
  std::vector<bool> leaves_other(rows * columns);   // whether L[i][j-1] > L[i-1][j]
  std::vector<std::uint32_t> longest(columns + 1);  // L[i], over L[i-1]
  for (std::size_t i = 0; i < rows; ++i) {
    std::uint32_t diagonal = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const std::uint32_t above = longest[j + 1], before = longest[j];
      leaves_other[i * columns + j] = before > above;
      longest[j + 1] = reference[i] == other[j] ? diagonal + 1 : std::max(above, before);
      diagonal = above;
    }
  }
  std::vector<std::size_t> positions;
  for (std::size_t i = rows, j = columns; i > 0 && j > 0;)
    if (reference[i - 1] == other[j - 1])
      positions.push_back(--i), --j;
    else if (leaves_other[(i - 1) * columns + j - 1])
      --j;
    else
      --i;
  std::ranges::reverse(positions);
  return positions;
}

}  // namespace memsizer::metrics
