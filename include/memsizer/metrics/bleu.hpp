#pragma once
// BLEU (Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation"), as sacreBLEU
// computes it.
//
//     BLEU = 100 BP exp(1/4 sum_n log p_n),  n = 1 .. 4,   BP = min(1, exp(1 - r / h))
//
// p_n: the part of the corpus's hypothesis n-grams that a reference has, where an n-gram counts at most as
// often as in the reference that has it most often. h: words of all hypotheses. r: words of the references,
// for each segment of the reference whose length is nearest.

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/metrics/bleu_tokenizers.hpp"
#include "memsizer/metrics/corpus_metric.hpp"
#include "memsizer/metrics/lower_case.hpp"
#include "memsizer/metrics/ngrams.hpp"

namespace memsizer::metrics {

struct BleuOptions {
  std::string tokenize = "13a";  ///< the name of a BleuTokenizer
  bool lowercase = false;
};

inline constexpr std::size_t bleu_orders = 4;

/// The sums that BLEU is computed from, over any number of segments.
struct BleuCounts {
  double hypothesis_words = 0, reference_words = 0;
  std::array<double, bleu_orders> matches{}, totals{};  ///< of the orders 1 to 4
};

struct Bleu {
  double score = 0;                              ///< from 0 to 100
  std::array<double, bleu_orders> precisions{};  ///< from 0 to 100, smoothed
  double brevity_penalty = 1;
};

/// An order without a match has the precision 100 / (2^k total), where k counts such orders from 1: the
/// smoothing "exp" of Chen and Cherry 2014, method 3. The score is 0 if no word matches, or if the corpus has
/// no n-gram of an order.
inline Bleu bleu(const BleuCounts& counts) {
  Bleu result;
  const double h = counts.hypothesis_words, r = counts.reference_words;
  if (h < r) result.brevity_penalty = h > 0 ? std::exp(1 - r / h) : 0;
  if (std::ranges::count(counts.matches, 0.0) == bleu_orders) return result;
  double smoothing = 1, logarithms = 0;
  for (std::size_t n = 0; n < bleu_orders; ++n) {
    if (counts.totals[n] == 0) return result;
    if (counts.matches[n] == 0) smoothing *= 2;
    result.precisions[n] = counts.matches[n] == 0 ? 100 / (smoothing * counts.totals[n])
                                                  : 100 * counts.matches[n] / counts.totals[n];
    logarithms += std::log(result.precisions[n]);
  }
  result.score = result.brevity_penalty * std::exp(logarithms / bleu_orders);
  return result;
}

namespace detail {

/// The length nearest to the hypothesis's; of two that are equally near, the smaller.
inline std::size_t nearest_length(std::size_t hypothesis, std::span<const std::u32string> references) {
  const auto key = [&](const std::u32string& reference) {
    const std::size_t length = reference.size();
    return std::pair(std::max(length, hypothesis) - std::min(length, hypothesis), length);
  };
  return std::ranges::min_element(references, {}, key)->size();
}

/// For each n-gram of any reference, its count in the reference that has it most often.
inline NgramCounts largest_counts(std::span<const std::u32string> references, std::size_t n) {
  NgramCounts largest;
  for (const std::u32string& reference : references)
    for (const auto& [ngram, count] : count_ngrams(reference, n))
      largest[ngram] = std::max(largest[ngram], count);
  return largest;
}

}  // namespace detail

/// The counts of one segment. InputError for an unknown tokenizer or invalid UTF-8, or without references.
inline BleuCounts count_bleu(std::string_view hypothesis, std::span<const std::string_view> references,
                             const BleuOptions& options = {}) {
  require(!references.empty(), "expected one reference or more, got none");
  const BleuTokenizer& tokenizer = bleu_tokenizer(options.tokenize);
  WordNumbers number_words;
  const auto words_of = [&](std::string_view utf8) {
    std::u32string line = to_code_points(utf8);
    if (options.lowercase) line = lower_case(line);
    return number_words(tokenizer.tokenize(strip_end(line)));
  };
  const std::u32string words = words_of(hypothesis);
  std::vector<std::u32string> others;
  for (const std::string_view reference : references) others.push_back(words_of(reference));
  BleuCounts counts;
  counts.hypothesis_words = static_cast<double>(words.size());
  counts.reference_words = static_cast<double>(detail::nearest_length(words.size(), others));
  for (std::size_t n = 1; n <= bleu_orders; ++n) {
    counts.totals[n - 1] = static_cast<double>(ngram_total(words, n));
    counts.matches[n - 1] =
        static_cast<double>(count_matches(count_ngrams(words, n), detail::largest_counts(others, n)));
  }
  return counts;
}

namespace detail {

inline std::vector<double> to_vector(const BleuCounts& counts) {
  std::vector<double> all = {counts.hypothesis_words, counts.reference_words};
  all.insert(all.end(), counts.matches.begin(), counts.matches.end());
  all.insert(all.end(), counts.totals.begin(), counts.totals.end());
  return all;
}

inline BleuCounts to_bleu_counts(std::span<const double> sums) {
  BleuCounts counts{.hypothesis_words = sums[0], .reference_words = sums[1]};
  std::ranges::copy(sums.subspan(2, bleu_orders), counts.matches.begin());
  std::ranges::copy(sums.subspan(2 + bleu_orders, bleu_orders), counts.totals.begin());
  return counts;
}

inline std::vector<std::pair<std::string, double>> bleu_details(std::span<const double> sums) {
  const BleuCounts counts = to_bleu_counts(sums);
  const Bleu result = bleu(counts);
  std::vector<std::pair<std::string, double>> details;
  for (std::size_t n = 0; n < bleu_orders; ++n)
    details.emplace_back("bleu_precision_" + std::to_string(n + 1), result.precisions[n]);
  details.emplace_back("bleu_brevity_penalty", result.brevity_penalty);
  details.emplace_back("hypothesis_words", counts.hypothesis_words);
  details.emplace_back("reference_words", counts.reference_words);
  return details;
}

}  // namespace detail

/// BLEU as a metric of a corpus, named "bleu". InputError for an unknown tokenizer.
inline CorpusMetric bleu_metric(const BleuOptions& options = {}) {
  CorpusMetric metric;
  metric.names = {"bleu"};
  metric.settings = concatenate("case:", options.lowercase ? "lc" : "mixed",
                                "|eff:no|tok:", bleu_tokenizer(options.tokenize).name, "|smooth:exp");
  metric.count = [options](std::string_view hypothesis, std::span<const std::string_view> references) {
    return detail::to_vector(count_bleu(hypothesis, references, options));
  };
  metric.scores = [](std::span<const double> sums) {
    return std::vector<double>{bleu(detail::to_bleu_counts(sums)).score};
  };
  metric.details = detail::bleu_details;
  return metric;
}

}  // namespace memsizer::metrics
