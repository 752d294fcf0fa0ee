#pragma once
// What a task measures of the texts that its models write.

#include "memsizer/metrics/paired_bootstrap.hpp"
#include "memsizer/train/figures.hpp"

namespace memsizer::tasks {

/// A metric, and what a task reports of it.
struct TextMetric {
  metrics::CorpusMetric metric;
  std::vector<std::string> figures = {};  // the names of those that are reported; empty: all
  bool has_signature = false;             // whether the metric's signature is a figure too

  bool reports(const std::string& name) const {
    return figures.empty() || std::ranges::count(figures, name) > 0;
  }
};

/// The figures of texts, and the intervals of those that are numbers.
struct TextScores {
  train::Figures figures = {};
  std::vector<train::Interval> intervals = {};
};

enum class Intervals { no, yes };

/// Measures texts against one reference each. An interval holds the middle 950 of the figures of 1,000
/// samples, so it stays within the scale. (`memsizer score --paired-bs` has sacreBLEU's, which is as wide,
/// but has its middle at their mean.)
inline TextScores measure_texts(const std::vector<TextMetric>& list, const std::vector<std::string>& texts,
                                const std::vector<std::string>& references, Intervals intervals) {
  TextScores all;
  for (const TextMetric& one : list) {
    const metrics::SegmentCounts counts(one.metric, texts, std::span(&references, 1));
    const std::vector<double> scores = one.metric.scores(counts.sums());
    std::vector<metrics::BootstrapScore> resampled;
    if (intervals == Intervals::yes) resampled = metrics::paired_bootstrap(one.metric, {&counts, 1})[0];
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const std::string& name = one.metric.names[i];
      if (!one.reports(name)) continue;
      all.figures.push_back({name, scores[i]});
      if (!resampled.empty()) all.intervals.push_back({name, resampled[i].least, resampled[i].most});
    }
    if (one.has_signature)
      all.figures.push_back({one.metric.names[0] + "_signature", metrics::signature(one.metric, 1)});
  }
  return all;
}

}  // namespace memsizer::tasks
