#pragma once
// Batches of pairs to be scored or translated: each pair once, however long it is.

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "memsizer/data/pair_batch.hpp"

namespace memsizer::data {

struct EvaluationPairOptions {
  Index batch_tokens = 0;  ///< as in PairBatchOptions, but a batch has at least one pair
  Index batch = 1;
  Index first_pairs = 0;  ///< only so many pairs from the split's beginning; 0: all

  bool operator==(const EvaluationPairOptions&) const = default;
};

/// The batches hold the longest sources first, so a batch that is too large for the memory shows at once. The
/// field `pairs` of a batch says where each result belongs in the order of the split.
template <PairLayout Layout>
class EvaluationPairs {
 public:
  using Batch = typename Layout::Batch;

  /// Pairs are cut as the layout cuts them. InputError if there are no pairs.
  EvaluationPairs(const Layout& layout, const EvaluationPairOptions& options)
      : layout_(layout), options_(options) {
    require(options.batch > 0 && options.batch_tokens >= 0 && options.first_pairs >= 0,
            "expected a positive batch and no number below 0, got ", options.batch, " pairs, ",
            options.batch_tokens, " tokens and the first ", options.first_pairs, " pairs");
    const Index all = layout.pairs().size(),
                count = options.first_pairs == 0 ? all : std::min(options.first_pairs, all);
    require(count > 0, "expected pairs to evaluate, got none");
    sorted_.resize(static_cast<std::size_t>(count));
    std::iota(sorted_.begin(), sorted_.end(), std::uint32_t{0});
    for (const std::uint32_t pair : sorted_) {
      const PairCuts cuts = layout.cuts(pair);
      cut_sources_ += cuts.source, cut_targets_ += cuts.target;
    }
    std::ranges::sort(sorted_, {}, [&](std::uint32_t pair) {
      const RowLengths rows = layout.rows(pair);
      return std::tuple(-rows.source, -rows.target, pair);
    });
    cut_batches();
  }

  Index pairs() const { return static_cast<Index>(sorted_.size()); }
  Index batches() const { return static_cast<Index>(ends_.size()); }
  /// The number of sources and of targets that are cut.
  Index cut_sources() const { return cut_sources_; }
  Index cut_targets() const { return cut_targets_; }

  /// InputError unless `number` is below batches().
  void read(Index number, Batch& batch) const {
    require(number >= 0 && number < batches(), "expected a batch below ", batches(), ", got ", number);
    const auto place = static_cast<std::size_t>(number);
    const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
    layout_.read(std::span(sorted_).subspan(begin, ends_[place] - begin), batch);
  }

 private:
  void cut_batches() {
    Index rows = 0, longest = 0;
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
      const Index length = layout_.rows(sorted_[i]).longest();
      longest = std::max(longest, length);
      ++rows;
      const bool full = options_.batch_tokens == 0 ? rows > options_.batch
                                                   : rows > 1 && rows * longest > options_.batch_tokens;
      if (!full) continue;
      ends_.push_back(i);
      rows = 1;
      longest = length;
    }
    ends_.push_back(sorted_.size());
  }

  Layout layout_;
  EvaluationPairOptions options_;
  std::vector<std::uint32_t> sorted_;  // by length
  std::vector<std::size_t> ends_;      // of the batches in sorted_
  Index cut_sources_ = 0, cut_targets_ = 0;
};

}  // namespace memsizer::data
