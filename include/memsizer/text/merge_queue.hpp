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
  /// Empties the queue, for a word of this many bytes. Ranks will be 0 to ranks - 1. A short word gets a heap
  /// alone, since going through all buckets would cost it more than its merges.
  void begin(size_t ranks, size_t word_bytes) {
    late_.clear();
    sorted_.clear();
    next_ = 0;
    shift_ = std::max(static_cast<int>(std::bit_width(ranks)) - bits, 0);
    if (current_ < buckets_.size())  // the word before was left
      for (auto& bucket : buckets_) bucket.clear();
    current_ = word_bytes < least_for_buckets ? buckets_.size() : 0;
    if (has_buckets()) expected_.fill(0);
  }

  /// Whether it pays to say what will be pushed.
  bool has_buckets() const { return current_ < buckets_.size(); }

  /// Says that a candidate of this rank will be pushed. Buckets that grow by themselves are copied again and
  /// again, each time into new memory.
  void expect(std::int32_t rank) { ++expected_[bucket_of(rank)]; }

  /// Makes room for all that is expected.
  void reserve() {
    for (size_t bucket = 0; bucket < buckets_.size(); ++bucket) buckets_[bucket].reserve(expected_[bucket]);
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
      if (current_ == buckets_.size()) return false;
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
  static constexpr size_t least_for_buckets = 1024;

  static bool is_later(const MergeCandidate& a, const MergeCandidate& b) { return b < a; }

  size_t bucket_of(std::int32_t rank) const { return static_cast<size_t>(rank) >> shift_; }

  std::array<std::vector<MergeCandidate>, size_t{1} << bits> buckets_;
  std::array<size_t, size_t{1} << bits> expected_{};
  std::vector<MergeCandidate> sorted_;  // the bucket whose turn it is, read up to next_
  std::vector<MergeCandidate> late_;    // a heap
  size_t current_ = 0, next_ = 0;       // buckets before current_ had their turn
  int shift_ = 0;
};

}  // namespace memsizer::text::detail
