#pragma once
// The merges that are possible in a long word, the first learned first.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace memsizer::text::detail {

/// A possible merge of the symbol at `place` with the next one. Of equal merges the first place comes first.
struct MergeCandidate {
  std::int32_t rank, place;

  bool operator<(const MergeCandidate& other) const {
    return std::pair(rank, place) < std::pair(other.rank, other.place);
  }
};

/// A priority queue for millions of candidates. A heap of so many leaves every cache, and a pop would wait
/// for memory twenty times. So candidates lie in buckets of neighbouring ranks. A bucket is sorted when its
/// turn comes, and then read from the front. What arrives for a bucket whose turn has come goes into a heap:
/// it is small, since a merge is nearly always learned after those that made its parts.
class MergeQueue {
 public:
  /// Begins a word of this many bytes, whose ranks are 0 to ranks - 1, with the candidates for which
  /// for_each(use) calls use(candidate). It is called twice: buckets that grow by themselves are copied again
  /// and again, each time into new memory. A short word gets a heap alone, since going through all buckets
  /// would cost it more than its merges.
  template <class ForEach>
  void begin(size_t ranks, size_t word_bytes, const ForEach& for_each) {
    clear();
    shift_ = std::max(static_cast<int>(std::bit_width(ranks)) - bits, 0);
    current_ = word_bytes < least_for_buckets ? bucket_count : 0;
    if (current_ == 0) {
      std::array<size_t, bucket_count> sizes{};
      for_each([&](MergeCandidate candidate) { ++sizes[bucket_of(candidate.rank)]; });
      for (size_t bucket = 0; bucket < bucket_count; ++bucket) buckets_[bucket].reserve(sizes[bucket]);
    }
    for_each([&](MergeCandidate candidate) { push(candidate); });
  }

  void push(MergeCandidate candidate) {
    if (const size_t bucket = bucket_of(candidate.rank); bucket >= current_) {
      buckets_[bucket].push_back(candidate);
      return;
    }
    late_.push_back(candidate);
    std::push_heap(late_.begin(), late_.end(), is_later);
  }

  /// Takes the first candidate out. Returns false if there is none.
  bool pop(MergeCandidate& first) {
    while (next_ == sorted_.size() && late_.empty()) {
      if (current_ == bucket_count) return false;
      sorted_.clear();
      next_ = 0;
      sorted_.swap(buckets_[current_++]);
      if (!std::is_sorted(sorted_.begin(), sorted_.end())) std::sort(sorted_.begin(), sorted_.end());
    }
    if (next_ < sorted_.size() && (late_.empty() || sorted_[next_] < late_.front())) {
      first = sorted_[next_++];
      return true;
    }
    std::pop_heap(late_.begin(), late_.end(), is_later);
    first = late_.back();
    late_.pop_back();
    return true;
  }

  /// The place of a candidate that comes soon, so that its symbol can be loaded ahead; 0 if none is known.
  std::int32_t place_ahead() const {
    constexpr size_t distance = 12;
    return next_ + distance < sorted_.size() ? sorted_[next_ + distance].place : 0;
  }

 private:
  static constexpr int bits = 8;
  static constexpr size_t bucket_count = size_t{1} << bits;
  static constexpr size_t least_for_buckets = 1024;

  static bool is_later(const MergeCandidate& a, const MergeCandidate& b) { return b < a; }

  size_t bucket_of(std::int32_t rank) const { return static_cast<size_t>(rank) >> shift_; }

  void clear() {
    late_.clear();
    sorted_.clear();
    next_ = 0;
    if (current_ < bucket_count)  // the word before was left
      for (auto& bucket : buckets_) bucket.clear();
  }

  std::array<std::vector<MergeCandidate>, bucket_count> buckets_;
  std::vector<MergeCandidate> sorted_;  // the bucket whose turn it is, read up to next_
  std::vector<MergeCandidate> late_;    // a heap
  size_t current_ = 0, next_ = 0;       // buckets before current_ had their turn
  int shift_ = 0;
};

}  // namespace memsizer::text::detail
