#pragma once
// How often each pair of neighbours occurs while merges are learned, and which pair is the most frequent.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/prefetch.hpp"
#include "memsizer/text/token_id.hpp"

namespace memsizer::text::detail {

/// Pairs are numbered as they are added. A hash table of these numbers finds a pair by its tokens: 4 bytes a
/// slot, since the pair itself has the tokens.
///
/// The counts of pairs never grow, and no new pair is more frequent than the one that was merged. So the
/// queue needs only the pairs whose count is at least a limit. Nearly all pairs are rare and never come near
/// it: they cost nothing but their count. When the queue is empty, the limit is halved, and the pairs are
/// looked through once.
class PairCounts {
 public:
  struct Pair {
    TokenId left, right;
    Index count;  // overlapping pairs all count, such as the two in "aaa"
  };

  PairCounts() : slots_(64, none) {}

  size_t size() const { return pairs_.size(); }
  const Pair& operator[](size_t number) const { return pairs_[number]; }

  /// Adds a pair that is not there yet.
  void add(TokenId left, TokenId right, Index count) {
    if (2 * (size() + 1) > slots_.size()) grow();
    slots_[slot_of(left, right)] = static_cast<std::uint32_t>(size());
    pairs_.push_back({left, right, count});
  }

  /// Begins to fetch what lower() needs, so that it need not wait for memory.
  void prefetch(TokenId left, TokenId right) const { memsizer::prefetch(&slots_[home_of(left, right)]); }

  /// Takes `count` from that of a pair.
  void lower(TokenId left, TokenId right, Index count) {
    pairs_[slots_[slot_of(left, right)]].count -= count;
  }

  /// The pair is merged, and occurs no more.
  void remove(size_t number) { pairs_[number].count = 0; }

  /// Lets take_best() know the pairs from `first` on, whose counts are final.
  void queue_from(size_t first) {
    for (size_t number = first; number < size(); ++number)
      if (pairs_[number].count >= limit_) push(number);
  }

  /// The number of the most frequent pair. Of equally frequent ones it is that with the smaller left token,
  /// then with the smaller right token. There is none if no pair occurs.
  std::optional<size_t> take_best() {
    while (true) {
      while (!queue_.empty()) {
        std::pop_heap(queue_.begin(), queue_.end());
        const Queued best = queue_.back();
        queue_.pop_back();
        const Index now = pairs_[best.number].count;
        if (best.count == now) return best.number;
        if (now >= limit_) push(best.number);
      }
      if (limit_ == 1) return std::nullopt;
      lower_limit();
    }
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  /// A pair as it was when it went into the queue.
  struct Queued {
    Index count;
    TokenId left, right;
    std::uint32_t number;

    bool operator<(const Queued& other) const {  // std's heaps bring up the greatest
      return std::tuple(count, other.left, other.right) < std::tuple(other.count, left, right);
    }
  };

  void push(size_t number) {
    const Pair& pair = pairs_[number];
    queue_.push_back({pair.count, pair.left, pair.right, static_cast<std::uint32_t>(number)});
    std::push_heap(queue_.begin(), queue_.end());
  }

  /// Fills the empty queue with the pairs that reach half the limit.
  void lower_limit() {
    const auto greatest = std::max_element(pairs_.begin(), pairs_.end(),
                                           [](const Pair& a, const Pair& b) { return a.count < b.count; });
    limit_ = std::max<Index>(1, greatest == pairs_.end() ? 1 : greatest->count / 2);
    for (size_t number = 0; number < size(); ++number)
      if (pairs_[number].count >= limit_) push(number);
  }

  /// Fibonacci hashing: the high bits are well mixed.
  size_t home_of(TokenId left, TokenId right) const {
    const auto key = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
    return static_cast<size_t>(key * 0x9E3779B97F4A7C15 >> 32) & (slots_.size() - 1);
  }

  /// The slot of the pair, or the empty slot into which it would go.
  size_t slot_of(TokenId left, TokenId right) const {
    size_t index = home_of(left, right);
    while (slots_[index] != none &&
           (pairs_[slots_[index]].left != left || pairs_[slots_[index]].right != right))
      index = (index + 1) & (slots_.size() - 1);
    return index;
  }

  void grow() {
    require(size() < none / 2, "expected at most ", none / 2, " different pairs of tokens, got more");
    slots_.assign(2 * slots_.size(), none);
    for (size_t number = 0; number < size(); ++number)
      slots_[slot_of(pairs_[number].left, pairs_[number].right)] = static_cast<std::uint32_t>(number);
  }

  std::vector<Pair> pairs_;
  std::vector<std::uint32_t> slots_;  // numbers of pairs; a power of two, at most half full
  std::vector<Queued> queue_;         // a heap of pairs whose count is, or was, at least the limit
  Index limit_ = std::numeric_limits<Index>::max();
};

}  // namespace memsizer::text::detail
