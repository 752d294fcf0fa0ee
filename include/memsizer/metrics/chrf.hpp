#pragma once
// chrF (Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation"), as sacreBLEU computes
// it: chrF2, with characters only, without white space.
//
//     chrF = 100 (1 + b^2) P R / (b^2 P + R),  b = 2
//
// P and R are the means over n = 1 .. 6 of precision and recall: the n-grams of characters that hypothesis
// and reference share, divided by those of the hypothesis and of the reference. Orders that one of the two
// lacks are left out.

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/metrics/corpus_metric.hpp"
#include "memsizer/metrics/lower_case.hpp"
#include "memsizer/metrics/ngrams.hpp"

namespace memsizer::metrics {

struct ChrfOptions {
  bool lowercase = false;
};

inline constexpr std::size_t chrf_orders = 6;

/// The n-grams of one order: of the hypothesis, of the reference, and those that they share.
struct ChrfOrder {
  double hypothesis = 0, reference = 0, matches = 0;
};

/// The counts of the orders 1 to 6, of one segment or summed over segments.
using ChrfCounts = std::array<ChrfOrder, chrf_orders>;

/// The score from 0 to 100; 0 if no order has n-grams of both.
inline double chrf(const ChrfCounts& counts) {
  constexpr double beta_squared = 4;
  double precision = 0, recall = 0, orders = 0;
  for (const ChrfOrder& order : counts)
    if (order.hypothesis > 0 && order.reference > 0) {
      precision += order.matches / order.hypothesis;
      recall += order.matches / order.reference;
      ++orders;
    }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * ((1 + beta_squared) * precision * recall / (beta_squared * precision + recall));
}

namespace detail {

/// A line without its white space.
inline std::u32string characters_of(std::string_view utf8, const ChrfOptions& options) {
  std::u32string line = to_code_points(utf8);
  if (options.lowercase) line = lower_case(line);
  std::erase_if(line, is_space);
  return line;
}

}  // namespace detail

/// The counts of one segment, with the reference that gives the best score; the first of equal ones.
/// InputError for invalid UTF-8, or without references.
inline ChrfCounts count_chrf(std::string_view hypothesis, std::span<const std::string_view> references,
                             const ChrfOptions& options = {}) {
  require(!references.empty(), "expected one reference or more, got none");
  const std::u32string characters = detail::characters_of(hypothesis, options);
  std::array<NgramCounts, chrf_orders> ngrams;
  for (std::size_t n = 1; n <= chrf_orders; ++n) ngrams[n - 1] = count_ngrams(characters, n);
  ChrfCounts best;
  double best_score = -1;
  for (const std::string_view reference : references) {
    const std::u32string other = detail::characters_of(reference, options);
    ChrfCounts counts;
    for (std::size_t n = 1; n <= chrf_orders; ++n) {
      const Index total = ngram_total(other, n);
      // The n-grams of a hypothesis do not count where the reference is too short to have any.
      counts[n - 1] = {.hypothesis = total > 0 ? static_cast<double>(ngram_total(characters, n)) : 0,
                       .reference = static_cast<double>(total),
                       .matches = static_cast<double>(count_matches(ngrams[n - 1], count_ngrams(other, n)))};
    }
    if (const double score = chrf(counts); score > best_score) best_score = score, best = counts;
  }
  return best;
}

/// chrF as a metric of a corpus, named "chrf".
inline CorpusMetric chrf_metric(const ChrfOptions& options = {}) {
  CorpusMetric metric;
  metric.names = {"chrf"};
  metric.settings =
      concatenate("case:", options.lowercase ? "lc" : "mixed", "|eff:yes|nc:", chrf_orders, "|nw:0|space:no");
  metric.count = [options](std::string_view hypothesis, std::span<const std::string_view> references) {
    std::vector<double> all;
    for (const ChrfOrder& order : count_chrf(hypothesis, references, options))
      all.insert(all.end(), {order.hypothesis, order.reference, order.matches});
    return all;
  };
  metric.scores = [](std::span<const double> sums) {
    ChrfCounts counts;
    for (std::size_t n = 0; n < chrf_orders; ++n) counts[n] = {sums[3 * n], sums[3 * n + 1], sums[3 * n + 2]};
    return std::vector<double>{chrf(counts)};
  };
  metric.details = [](std::span<const double>) { return std::vector<std::pair<std::string, double>>(); };
  return metric;
}

}  // namespace memsizer::metrics
