#pragma once
// Counts of n-grams: of characters, or of words, each of which a WordNumbers replaces by a number.

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "memsizer/base/checked.hpp"
#include "memsizer/metrics/code_points.hpp"

namespace memsizer::metrics {

/// How often each run of n symbols occurs. The keys are views of the symbols.
using NgramCounts = std::unordered_map<std::u32string_view, Index>;

/// The n-grams of one order, n >= 1, with their counts.
inline NgramCounts count_ngrams(std::u32string_view symbols, std::size_t n) {
  NgramCounts counts;
  for (std::size_t i = 0; i + n <= symbols.size(); ++i) ++counts[symbols.substr(i, n)];
  return counts;
}

/// The number of n-grams, each occurrence counted.
inline Index ngram_total(std::u32string_view symbols, std::size_t n) {
  return symbols.size() < n ? 0 : static_cast<Index>(symbols.size() - n + 1);
}

/// The n-grams of the hypothesis that the reference has too: the sum over n-grams of the smaller count.
inline Index count_matches(const NgramCounts& hypothesis, const NgramCounts& reference) {
  Index matches = 0;
  for (const auto& [ngram, count] : hypothesis)
    if (const auto found = reference.find(ngram); found != reference.end())
      matches += std::min(count, found->second);
  return matches;
}

/// Numbers words, so that a line of words is a string of numbers. Equal words have equal numbers.
class WordNumbers {
 public:
  /// The numbers of the words of a line, which are what stands between white space.
  std::u32string operator()(std::u32string_view line) {
    std::u32string numbers;
    for (const std::u32string_view word : split_words(line))
      numbers +=
          numbers_.try_emplace(std::u32string(word), static_cast<char32_t>(numbers_.size())).first->second;
    return numbers;
  }

 private:
  std::unordered_map<std::u32string, char32_t> numbers_;
};

}  // namespace memsizer::metrics
