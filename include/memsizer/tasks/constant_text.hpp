#pragma once
// The best that a model can do which ignores its input: to write the same text every time.

#include <algorithm>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "memsizer/tasks/pair_data.hpp"
#include "memsizer/tasks/pair_writing.hpp"

namespace memsizer::tasks {

namespace detail {

/// The most frequent of some texts, at most `count`. Of those that are equally frequent the first come first.
inline std::vector<std::string> most_frequent(const std::vector<std::string>& texts, std::size_t count) {
  std::unordered_map<std::string, Index> counts;
  std::vector<const std::string*> distinct;
  for (const std::string& text : texts)
    if (++counts[text] == 1) distinct.push_back(&text);
  std::ranges::stable_sort(distinct, std::greater<>(),
                           [&](const std::string* text) { return counts[*text]; });
  std::vector<std::string> best;
  for (std::size_t i = 0; i < std::min(count, distinct.size()); ++i) best.push_back(*distinct[i]);
  return best;
}

inline double sum_of(const train::Figures& figures) {
  double sum = 0;
  for (const train::Figure& figure : figures)
    if (const auto* number = std::get_if<double>(&figure.value)) sum += *number;
  return sum;
}

}  // namespace detail

/// Of the 32 most frequent targets among the first 10,000 of the training split, the one whose figures
/// against the first 200 of these targets have the largest sum. Without a training split: an empty text.
inline std::string constant_text(const PairDataSet& data, const PairWriting& writing) {
  if (!data.has(data::Split::train)) return {};
  const std::vector<std::string> targets =
      as_lines(data.references(data::Split::train, 10000), writing.line_breaks);
  const std::vector<std::string> references(
      targets.begin(), targets.begin() + std::min<std::ptrdiff_t>(200, std::ssize(targets)));
  std::string best;
  double highest = -1;
  for (const std::string& text : detail::most_frequent(targets, 32)) {
    const std::vector<std::string> texts(references.size(), text);
    const TextScores scores = measure_texts(writing.metrics(false), texts, references, Intervals::no);
    if (const double sum = detail::sum_of(scores.figures); sum > highest) highest = sum, best = text;
  }
  return best;
}

}  // namespace memsizer::tasks
