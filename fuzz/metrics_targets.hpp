#pragma once
// The reader of lines to score, and the metrics on what it reads.

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/metrics/aligned_lines.hpp"
#include "memsizer/metrics/bleu.hpp"
#include "memsizer/metrics/chrf.hpp"
#include "memsizer/metrics/rouge.hpp"
#include "memsizer/metrics/squad.hpp"

#include "fuzz/memory_file.hpp"
#include "fuzz/target.hpp"

namespace fuzz {

using Lines = std::vector<std::string>;

/// All scores lie from 0 to 100, also those of the reference itself.
inline void use_metric(const memsizer::metrics::CorpusMetric& metric, const Lines& lines,
                       const Lines& reference) {
  for (const Lines* hypotheses : {&lines, &reference}) {
    const memsizer::metrics::SegmentCounts counts(metric, *hypotheses, std::array{reference});
    for (const double score : metric.scores(counts.sums()))
      expect(score >= 0 && score <= 100 + 1e-9, "a score from 0 to 100");
  }
}

/// Hypotheses and references stand one after another, with a zero byte between them.
inline void read_score(std::string_view bytes) {
  const std::size_t middle = std::min(bytes.find('\0'), bytes.size());
  const MemoryFile hypotheses(bytes.substr(0, middle)),
      references(bytes.substr(std::min(middle + 1, bytes.size())));
  const auto files = memsizer::metrics::read_aligned_lines(std::array{hypotheses.path(), references.path()});
  for (const auto& tokenizer : memsizer::metrics::bleu_tokenizers)
    for (const bool lowercase : {false, true})
      use_metric(
          memsizer::metrics::bleu_metric({.tokenize = std::string(tokenizer.name), .lowercase = lowercase}),
          files[0], files[1]);
  use_metric(memsizer::metrics::chrf_metric(), files[0], files[1]);
  for (const bool stem : {false, true})
    use_metric(memsizer::metrics::rouge_metric({.stem = stem, .escaped_newlines = true}), files[0], files[1]);
  use_metric(memsizer::metrics::squad_metric(), files[0], files[1]);
}

inline const std::vector<NamedTarget>& metrics_targets() {
  static const std::vector<NamedTarget> targets{{"score", read_score}};
  return targets;
}

}  // namespace fuzz
