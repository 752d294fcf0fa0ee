#pragma once
// Metrics that score each segment by itself: the figure of a corpus is the mean over its segments, times 100.
// ROUGE and SQuAD's figures are such. BLEU is not: it divides only after summing over the corpus.

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/metrics/corpus_metric.hpp"

namespace memsizer::metrics {

/// The scores of a hypothesis against one reference, each from 0 to 1, always the same number of them.
using PairScores =
    std::function<std::vector<double>(std::string_view hypothesis, std::string_view reference)>;

/// The metric with these names, whose scores lie from 0 to 100. Of several references each score takes the
/// one that is best for it. The counts of a segment are its scores, and a 1 that counts the segment. To count
/// throws InputError without references, and what `score` throws.
inline CorpusMetric mean_metric(std::vector<std::string> names, PairScores score) {
  CorpusMetric metric;
  metric.names = std::move(names);
  metric.count = [score = std::move(score)](std::string_view hypothesis,
                                            std::span<const std::string_view> references) {
    require(!references.empty(), "expected one reference or more, got none");
    std::vector<double> best = score(hypothesis, references[0]);
    for (const std::string_view reference : references.subspan(1)) {
      const std::vector<double> other = score(hypothesis, reference);
      for (std::size_t i = 0; i < best.size(); ++i) best[i] = std::max(best[i], other[i]);
    }
    best.push_back(1);
    return best;
  };
  metric.scores = [](std::span<const double> sums) {
    std::vector<double> means(sums.begin(), sums.end() - 1);
    for (double& mean : means) mean = 100 * mean / sums.back();
    return means;
  };
  metric.details = [](std::span<const double>) { return std::vector<std::pair<std::string, double>>(); };
  return metric;
}

}  // namespace memsizer::metrics
