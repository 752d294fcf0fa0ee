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
  PairLimits limits = {};  ///< longer sentences are cut
  Index first_pairs = 0;   ///< only so many pairs from the split's beginning; 0: all

  bool operator==(const EvaluationPairOptions&) const = default;
};

/// The batches hold the longest sources first, so a batch that is too large for the memory shows at once. The
/// field `pairs` of a batch says where each result belongs in the order of the split.
class EvaluationPairs {
 public:
  /// `pairs` must outlive this. InputError if there are no pairs.
  EvaluationPairs(const EncodedPairs& pairs, const PairTokens& tokens, const EvaluationPairOptions& options)
      : pairs_(pairs), tokens_(tokens), options_(options) {
    require(options.batch > 0 && options.batch_tokens >= 0 && options.first_pairs >= 0 &&
                options.limits.source >= 0 && options.limits.target >= 0,
            "expected a positive batch and no limit below 0, got ", options.batch, " pairs, ",
            options.batch_tokens, " tokens, the first ", options.first_pairs, " pairs, and limits of ",
            options.limits.source, " and ", options.limits.target);
    const Index count = options.first_pairs == 0 ? pairs.size() : std::min(options.first_pairs, pairs.size());
    require(count > 0, "expected pairs to evaluate, got none");
    sorted_.resize(static_cast<std::size_t>(count));
    std::iota(sorted_.begin(), sorted_.end(), std::uint32_t{0});
    for (const std::uint32_t pair : sorted_) {
      cut_sources_ += source_length(pair) < pairs.source_length(pair);
      cut_targets_ += target_length(pair) < pairs.target_length(pair);
    }
    std::ranges::sort(sorted_, {}, [&](std::uint32_t pair) {
      return std::tuple(-source_length(pair), -target_length(pair), pair);
    });
    cut_batches();
  }

  Index pairs() const { return static_cast<Index>(sorted_.size()); }
  Index batches() const { return static_cast<Index>(ends_.size()); }
  /// The number of sources and of targets that are cut.
  Index cut_sources() const { return cut_sources_; }
  Index cut_targets() const { return cut_targets_; }

  /// InputError unless `number` is below batches().
  void read(Index number, PairBatch& batch) const {
    require(number >= 0 && number < batches(), "expected a batch below ", batches(), ", got ", number);
    const auto place = static_cast<std::size_t>(number);
    const std::size_t begin = place == 0 ? 0 : ends_[place - 1];
    read_batch(pairs_, std::span(sorted_).subspan(begin, ends_[place] - begin), tokens_, options_.limits,
               batch);
  }

 private:
  Index source_length(std::uint32_t pair) const {
    return detail::padded_length(pairs_.source_length(pair), options_.limits.source);
  }
  Index target_length(std::uint32_t pair) const {
    return detail::padded_length(pairs_.target_length(pair), options_.limits.target);
  }

  void cut_batches() {
    Index rows = 0, longest = 0;
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
      const Index length = std::max(source_length(sorted_[i]), target_length(sorted_[i]));
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

  const EncodedPairs& pairs_;
  PairTokens tokens_;
  EvaluationPairOptions options_;
  std::vector<std::uint32_t> sorted_;  // by length
  std::vector<std::size_t> ends_;      // of the batches in sorted_
  Index cut_sources_ = 0, cut_targets_ = 0;
};

}  // namespace memsizer::data
