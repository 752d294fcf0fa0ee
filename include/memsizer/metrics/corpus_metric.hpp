#pragma once
// What all metrics of generated text have in common: counts of each segment, and scores from the sums of the
// counts.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"

namespace memsizer::metrics {

/// A metric of a corpus. A segment is one line of it: a hypothesis with its references. A score is a function
/// of sums over the segments, so that a test of significance can compute it for any choice of segments.
struct CorpusMetric {
  std::vector<std::string> names;  ///< of the scores: {"bleu"}
  std::string settings;            ///< "case:mixed|eff:no|tok:13a|smooth:exp"; empty: there is no signature
  /// The counts of one segment, always the same number of them. InputError for invalid UTF-8.
  std::function<std::vector<double>(std::string_view hypothesis,
                                    std::span<const std::string_view> references)>
      count;
  /// A score for each name, from sums of counts.
  std::function<std::vector<double>(std::span<const double> sums)> scores;
  /// Figures that explain the scores, with their names; may be empty.
  std::function<std::vector<std::pair<std::string, double>>(std::span<const double> sums)> details;
};

/// The counts of all segments of one system: [segments, width].
class SegmentCounts {
 public:
  /// Counts every line against the lines of the same number in all references. InputError if there is no line
  /// or no reference, if a reference has another number of lines, and, with the number of the line, if the
  /// metric refuses one.
  SegmentCounts(const CorpusMetric& metric, std::span<const std::string> hypotheses,
                std::span<const std::vector<std::string>> references) {
    require(!references.empty(), "expected one reference or more, got none");
    require(!hypotheses.empty(), "expected one line or more to score, got none");
    for (const auto& reference : references)
      require(reference.size() == hypotheses.size(),
              "expected as many lines in each reference as hypotheses, got ", hypotheses.size(),
              " hypotheses and ", reference.size(), " lines in a reference");
    std::vector<std::string_view> lines(references.size());
    for (std::size_t i = 0; i < hypotheses.size(); ++i) {
      for (std::size_t r = 0; r < lines.size(); ++r) lines[r] = references[r][i];
      add(metric, hypotheses[i], lines);
    }
  }

  /// Counts that were made in another way, `width` for each segment.
  SegmentCounts(std::vector<double> counts, std::size_t width) : counts_(std::move(counts)), width_(width) {
    require(width > 0 && !counts_.empty() && counts_.size() % width == 0, "expected ", width,
            " counts for each segment, got ", counts_.size(), " in all");
  }

  std::size_t width() const { return width_; }
  std::size_t segments() const { return counts_.size() / width_; }
  std::span<const double> segment(std::size_t i) const {
    return std::span(counts_).subspan(i * width_, width_);
  }

  /// The sums over all segments.
  std::vector<double> sums() const {
    std::vector<double> sums(width_);
    for (std::size_t i = 0; i < segments(); ++i) add_segment(i, sums);
    return sums;
  }
  void add_segment(std::size_t i, std::span<double> sums) const {
    for (std::size_t k = 0; k < width_; ++k) sums[k] += counts_[i * width_ + k];
  }

 private:
  void add(const CorpusMetric& metric, std::string_view hypothesis,
           std::span<const std::string_view> lines) try {
    const std::vector<double> counts = metric.count(hypothesis, lines);
    width_ = counts.size();
    counts_.insert(counts_.end(), counts.begin(), counts.end());
  } catch (const InputError& error) {
    throw InputError(concatenate("line ", counts_.empty() ? 1 : segments() + 1, ": ", error.what()));
  }

  std::vector<double> counts_;
  std::size_t width_ = 0;
};

/// The version of sacreBLEU whose figures ours equal to every digit.
inline constexpr std::string_view sacrebleu_version = "2.6.0";

/// sacreBLEU's signature, such as nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0. `resampling`
/// stands after the number of references, such as "bs:1000|seed:12345".
inline std::string signature(const CorpusMetric& metric, std::size_t references,
                             std::string_view resampling = "") {
  return concatenate("nrefs:", references, resampling.empty() ? "" : "|", resampling, '|', metric.settings,
                     "|version:", sacrebleu_version);
}

}  // namespace memsizer::metrics
