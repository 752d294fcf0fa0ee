#pragma once
// Batches of pairs for training. Pairs of similar lengths share a batch, so that little of it is padding, and
// which of them share it changes in each epoch.

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "memsizer/base/random.hpp"
#include "memsizer/data/pair_batch.hpp"

namespace memsizer::data {

/// What becomes of a pair that the layout would cut.
enum class LongPairs { are_left_out, are_cut };

struct PairBatchOptions {
  Index batch_tokens = 0;  ///< rows times the longest of them is at most this; 0: `batch` rows
  Index batch = 1;         ///< pairs of a batch, if batch_tokens is 0
  LongPairs long_pairs = LongPairs::are_left_out;
  std::uint64_t seed = 0;
  Index rank = 0, world = 1;  ///< this process among those that train together

  bool operator==(const PairBatchOptions&) const = default;
};

/// The position of the next batch: all that a run must keep to continue exactly where it stopped.
struct PairPosition {
  Index epoch = 0, batch = 0;

  bool operator==(const PairPosition&) const = default;
};

namespace detail {

/// The largest length that shares a bucket with `length`: 1, 2, .., 9, 11, 13, 15, 17, .. Each bucket begins
/// after the one before and reaches a tenth further, as in Tensor2Tensor (Vaswani et al. 2018).
class LengthBuckets {
 public:
  explicit LengthBuckets(Index longest) {
    for (Index length = 1, end = 1; length <= longest; length = end + 1) {
      end = std::max(length, length * 11 / 10);
      ends_.push_back(end);
    }
  }

  /// The number of a length's bucket, and the largest length in a bucket.
  std::size_t bucket(Index length) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(ends_, length) - ends_.begin());
  }
  Index end(std::size_t bucket) const { return ends_[bucket]; }

 private:
  std::vector<Index> ends_;
};

/// Puts a slice in an order that the key gives (Fisher and Yates).
template <class Item>
void shuffle(std::span<Item> items, std::uint64_t key) {
  RandomStream random(key);
  for (std::size_t left = items.size(); left > 1; --left)
    std::swap(items[left - 1], items[random.below(left)]);
}

}  // namespace detail

/// An endless run of epochs over pairs. Each epoch has every pair once, in the same number of batches.
///
/// Pairs whose targets, and whose sources, have rows in the same bucket of lengths form a group. The groups
/// stand one after another, by target and then by source, and the pairs of a group in an order that the seed
/// and the epoch give. This sequence is cut into batches by the largest lengths of the groups, and not by
/// those of the pairs, so the cuts lie at the same places in every epoch. Then the batches are shuffled too.
///
/// The memory used is 8 bytes a pair.
template <PairLayout Layout>
class PairBatches {
 public:
  using Batch = typename Layout::Batch;

  /// Left out are pairs with a row over batch_tokens, those that the layout would cut unless long_pairs says
  /// otherwise, and, as in the loaders of WMT, pairs of which a side is empty. InputError if no pair remains.
  PairBatches(const Layout& layout, const PairBatchOptions& options)
      : layout_(layout), options_(options), buckets_(longest(layout)) {
    require(options.batch > 0 && options.batch_tokens >= 0, "expected a positive batch, got ", options.batch,
            " pairs and ", options.batch_tokens, " tokens");
    require(options.world > 0 && options.rank >= 0 && options.rank < options.world, "expected a rank below ",
            options.world, ", got ", options.rank);
    choose_pairs();
    cut_batches();
  }

  /// The number of batches that each process takes from an epoch.
  Index batches() const { return divide_up(static_cast<Index>(ends_.size()), options_.world); }
  /// The number of pairs of an epoch, and of those left out because they are too long, or have an empty side.
  Index pairs() const { return static_cast<Index>(sorted_.size()); }
  Index too_long() const { return too_long_; }
  Index empty() const { return empty_; }
  /// The number of pairs of an epoch whose source, and whose target, is cut.
  Index cut_sources() const { return cut_sources_; }
  Index cut_targets() const { return cut_targets_; }

  PairPosition position() const { return position_; }

  /// InputError for a position that these pairs do not have.
  void restore(const PairPosition& position) {
    constexpr Index last_epoch = 1'000'000'000'000'000;
    require(position.epoch >= 0 && position.epoch <= last_epoch && position.batch >= 0 &&
                position.batch < batches(),
            "expected a position among ", batches(), " batches, got epoch ", position.epoch, ", batch ",
            position.batch);
    position_ = position;
  }

  /// Processes that train together take turns. If the batches of an epoch do not suffice for a last turn of
  /// all, the others get batches from its beginning again.
  void next(Batch& batch) {
    if (shuffled_epoch_ != position_.epoch) shuffle_epoch();
    const auto turn = static_cast<std::size_t>(position_.batch * options_.world + options_.rank);
    const std::size_t chosen = order_[turn % order_.size()];
    const std::size_t begin = chosen == 0 ? 0 : ends_[chosen - 1];
    layout_.read(std::span<const std::uint32_t>(shuffled_).subspan(begin, ends_[chosen] - begin), batch);
    if (++position_.batch < batches()) return;
    position_ = {.epoch = position_.epoch + 1, .batch = 0};
  }

 private:
  /// Pairs of the same group.
  struct Group {
    std::size_t begin, end;  // in sorted_
    Index longest;           // the length that counts in the budget
  };

  static Index longest(const Layout& layout) {
    Index longest = 1;
    for (Index pair = 0; pair < layout.pairs().size(); ++pair)
      longest = std::max(longest, layout.rows(pair).longest());
    return longest;
  }

  bool is_too_long(Index pair) const {
    return (options_.long_pairs == LongPairs::are_left_out && layout_.cuts(pair).any()) ||
           (options_.batch_tokens > 0 && layout_.rows(pair).longest() > options_.batch_tokens);
  }

  /// The buckets of a pair's target and source, in the order of the groups. The sources run up and down in
  /// turn, so that neighbours across two targets are alike too.
  std::pair<std::size_t, std::size_t> group_of(Index pair) const {
    const RowLengths rows = layout_.rows(pair);
    const std::size_t target = buckets_.bucket(rows.target), source = buckets_.bucket(rows.source);
    return {target, target % 2 == 0 ? source : ~source};
  }

  void choose_pairs() {
    std::map<std::pair<std::size_t, std::size_t>, std::vector<std::uint32_t>> groups;
    const EncodedPairs& pairs = layout_.pairs();
    for (Index pair = 0; pair < pairs.size(); ++pair) {
      if (is_too_long(pair)) {
        ++too_long_;
      } else if (pairs.source_length(pair) == 1 || pairs.target_length(pair) == 1) {
        ++empty_;
      } else {
        const PairCuts cuts = layout_.cuts(pair);
        cut_sources_ += cuts.source, cut_targets_ += cuts.target;
        groups[group_of(pair)].push_back(static_cast<std::uint32_t>(pair));
      }
    }
    require(!groups.empty(), "expected pairs to train on, got ", pairs.size(), ", of which ", too_long_,
            " are too long and ", empty_, " have an empty side");
    for (const auto& [key, of_group] : groups) {
      groups_.push_back({sorted_.size(), sorted_.size() + of_group.size(), largest_length(of_group[0])});
      sorted_.insert(sorted_.end(), of_group.begin(), of_group.end());
    }
  }

  /// The largest length in the buckets of a pair, but no more than batch_tokens.
  Index largest_length(std::uint32_t pair) const {
    const Index length = buckets_.end(buckets_.bucket(layout_.rows(pair).longest()));
    return options_.batch_tokens == 0 ? length : std::min(length, options_.batch_tokens);
  }

  void cut_batches() {
    std::size_t begin = 0;
    Index longest = 0;
    for (const Group& group : groups_)
      for (std::size_t i = group.begin; i < group.end; ++i) {
        longest = std::max(longest, group.longest);
        const Index rows = static_cast<Index>(i - begin) + 1;
        const bool full =
            options_.batch_tokens == 0 ? rows > options_.batch : rows * longest > options_.batch_tokens;
        if (!full) continue;
        ends_.push_back(i);
        begin = i;
        longest = group.longest;
      }
    ends_.push_back(sorted_.size());
  }

  void shuffle_epoch() {
    const std::uint64_t key = mix_keys(options_.seed, static_cast<std::uint64_t>(position_.epoch));
    shuffled_ = sorted_;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const Group& group = groups_[i];
      detail::shuffle(std::span(shuffled_).subspan(group.begin, group.end - group.begin),
                      mix_keys(key, i + 1));
    }
    order_.resize(ends_.size());
    std::iota(order_.begin(), order_.end(), std::uint32_t{0});
    detail::shuffle(std::span(order_), mix_keys(key, 0));
    shuffled_epoch_ = position_.epoch;
  }

  Layout layout_;
  PairBatchOptions options_;
  detail::LengthBuckets buckets_;
  Index too_long_ = 0, empty_ = 0, cut_sources_ = 0, cut_targets_ = 0;
  std::vector<std::uint32_t> sorted_;  // the pairs of an epoch, by group
  std::vector<Group> groups_;
  std::vector<std::size_t> ends_;  // of the batches in sorted_
  std::vector<std::uint32_t> shuffled_, order_;
  Index shuffled_epoch_ = -1;
  PairPosition position_;
};

}  // namespace memsizer::data
