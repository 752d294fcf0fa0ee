#pragma once
// Paired bootstrap resampling (Koehn 2004, "Statistical significance tests for machine translation
// evaluation"): is a system better than the first one, the baseline, or are the differences those of the test
// set? The statistic is sacreBLEU's.
//
// A sample draws as many segments as there are, with replacement, the same for all systems. With the
// differences d_k = |score of the system - score of the baseline| of the samples k, their mean m, and the
// difference D of the whole corpus,
//
//     p = (1 + the number of k with d_k - m > D) / (1 + samples)
//
// estimates the probability of a difference over D if both systems are equally good.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "memsizer/metrics/corpus_metric.hpp"
#include "memsizer/metrics/numpy_random.hpp"

namespace memsizer::metrics {

struct BootstrapOptions {
  Index samples = 1000;
  Index seed = 12345;
};

/// What resampling says of one score of one system.
struct BootstrapScore {
  double score = 0;               ///< of the whole corpus
  double mean = 0;                ///< of the samples
  double least = 0, most = 0;     ///< 95 of 100 samples lie between them
  std::optional<double> p_value;  ///< against the baseline, which has none itself

  /// Half of what these samples span, and the interval of this width around the mean.
  double half_width() const { return 0.5 * (most - least); }
  double lower() const { return mean - half_width(); }
  double upper() const { return mean + half_width(); }
};

namespace detail {

/// The scores of all samples, a row for each system and score of the metric, in this order: [systems x
/// scores][samples].
inline std::vector<std::vector<double>> sample_scores(const CorpusMetric& metric,
                                                      std::span<const SegmentCounts> systems,
                                                      const BootstrapOptions& options) {
  const std::size_t segments = systems[0].segments(), width = systems[0].width();
  std::vector<std::vector<double>> rows(systems.size() * metric.names.size());
  std::vector<double> sums(systems.size() * width);
  NumpyRandom random(static_cast<std::uint64_t>(options.seed));
  for (Index k = 0; k < options.samples; ++k) {
    std::ranges::fill(sums, 0.0);
    for (std::size_t drawn = 0; drawn < segments; ++drawn) {
      const std::size_t i = random.below(static_cast<std::uint32_t>(segments));
      for (std::size_t s = 0; s < systems.size(); ++s)
        systems[s].add_segment(i, std::span(sums).subspan(s * width, width));
    }
    auto row = rows.begin();
    for (std::size_t s = 0; s < systems.size(); ++s)
      for (const double score : metric.scores(std::span(sums).subspan(s * width, width)))
        (row++)->push_back(score);
  }
  return rows;
}

inline double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The scores with a fortieth of all samples below and above.
inline std::pair<double, double> middle_of(std::vector<double> scores) {
  std::ranges::sort(scores);
  const std::size_t outside = scores.size() / 40;
  return {scores[outside], scores[scores.size() - 1 - outside]};
}

inline double p_value(std::span<const double> samples, std::span<const double> baseline, double difference) {
  std::vector<double> differences;
  for (std::size_t k = 0; k < samples.size(); ++k) differences.push_back(std::abs(samples[k] - baseline[k]));
  const double centre = mean(differences);
  const auto larger = std::ranges::count_if(differences, [&](double d) { return d - centre > difference; });
  return static_cast<double>(larger + 1) / static_cast<double>(samples.size() + 1);
}

}  // namespace detail

/// What resampling says of each score of the metric for each system: [system][score]. The first system is the
/// baseline. Equal seeds draw equal samples. InputError without systems or samples, or if the systems have
/// different numbers of segments.
inline std::vector<std::vector<BootstrapScore>> paired_bootstrap(const CorpusMetric& metric,
                                                                 std::span<const SegmentCounts> systems,
                                                                 const BootstrapOptions& options = {}) {
  require(!systems.empty(), "expected one system or more, got none");
  require(options.samples > 0, "expected one sample or more, got ", options.samples);
  require(options.seed >= 0, "expected a seed of 0 or more, got ", options.seed);
  for (const SegmentCounts& system : systems)
    require(system.segments() == systems[0].segments(), "expected equally many segments of all systems, got ",
            systems[0].segments(), " and ", system.segments());
  const auto samples = detail::sample_scores(metric, systems, options);
  const std::size_t scores = metric.names.size();
  std::vector<std::vector<BootstrapScore>> results;
  for (std::size_t s = 0; s < systems.size(); ++s) {
    std::vector<BootstrapScore> result;
    const std::vector<double> whole = metric.scores(systems[s].sums());
    for (std::size_t i = 0; i < scores; ++i) {
      const std::vector<double>& of_system = samples[s * scores + i];
      const auto [least, most] = detail::middle_of(of_system);
      result.push_back({whole[i], detail::mean(of_system), least, most, std::nullopt});
      if (s > 0)
        result[i].p_value = detail::p_value(of_system, samples[i], std::abs(results[0][i].score - whole[i]));
    }
    results.push_back(std::move(result));
  }
  return results;
}

/// What resampling says of a ratio of sums, such as nats a token: each segment has a dividend and a divisor.
/// InputError as in paired_bootstrap().
inline BootstrapScore bootstrap_ratio(const SegmentCounts& segments, const BootstrapOptions& options = {}) {
  require(segments.width() == 2, "expected a dividend and a divisor for each segment, got ", segments.width(),
          " counts");
  const CorpusMetric ratio{
      .names = {"ratio"},
      .settings = {},
      .count = {},
      .scores = [](std::span<const double> sums) { return std::vector<double>{sums[0] / sums[1]}; },
      .details = {}};
  return paired_bootstrap(ratio, {&segments, 1}, options)[0][0];
}

/// Its part of a signature: "bs:1000|seed:12345".
inline std::string resampling_text(const BootstrapOptions& options) {
  return concatenate("bs:", options.samples, "|seed:", options.seed);
}

}  // namespace memsizer::metrics
