#pragma once
// Counts the words of a text on several threads.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/thread_pool.hpp"
#include "memsizer/files/linkage.hpp"
#include "memsizer/text/normalizer.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/word_counts.hpp"

namespace memsizer::text {

/// Collects pieces of text until there is enough for all threads. Then each thread normalises, splits and
/// counts its share of them into a table of its own, so no thread waits for another. Counts are sums, so they
/// do not depend on the number of threads.
class WordCounter {
 public:
  /// Null: the calling thread alone. The pool must outlive the counter.
  explicit WordCounter(Normalizer normalizer = {}, ThreadPool* threads = nullptr)
      : normalizer_(std::move(normalizer)), pool_(threads), counts_(1) {}

  /// Adds a piece of text. Words do not reach beyond it.
  void add(std::string_view piece);

  /// The counts of the words of all pieces so far.
  const WordCounts& counts() {
    count_batch();
    fold();
    return counts_.front();
  }

  /// The same counts, with their memory. The counter begins anew.
  WordCounts take_counts() {
    counts();
    return std::exchange(counts_.front(), WordCounts());
  }

 private:
  static constexpr size_t share = TextCutter::usual_piece;  // of a thread

  size_t threads() const { return pool_ == nullptr ? 1 : static_cast<size_t>(pool_->size()); }
  void count(std::string_view piece, WordCounts& counts) const;
  void count_batch();
  void count_share(size_t number, size_t shares);
  void fold();

  Normalizer normalizer_;
  ThreadPool* pool_;
  std::string batch_;               // pieces that are not counted yet
  std::vector<size_t> ends_;        // of the pieces in the batch
  std::vector<WordCounts> counts_;  // by thread
};

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION void WordCounter::add(std::string_view piece) {
  if (piece.size() > 2 * share)  // the text could not be cut, and is not copied too
    return count(piece, counts_.front());
  batch_ += piece;
  ends_.push_back(batch_.size());
  if (batch_.size() >= share * threads()) count_batch();
}

MEMSIZER_TEXT_FUNCTION void WordCounter::count(std::string_view piece, WordCounts& counts) const {
  if (normalizer_.is_identity()) return counts.add_words_of(piece);
  counts.add_words_of(normalizer_(piece));
}

MEMSIZER_TEXT_FUNCTION void WordCounter::count_batch() {
  if (batch_.empty()) return;
  counts_.resize(threads());
  if (pool_)
    pool_->parallel_for(static_cast<Index>(threads()), 1, [&](Index first, Index last) {
      for (Index i = first; i < last; ++i) count_share(static_cast<size_t>(i), threads());
    });
  else
    count_share(0, 1);
  batch_.clear();
  ends_.clear();
  // Frequent words are in every table. We fold the tables before they need much memory beside the first.
  size_t others = 0;
  for (size_t i = 1; i < counts_.size(); ++i) others += counts_[i].size();
  constexpr size_t worth_it = size_t{1} << 18;
  if (others > counts_.front().size() / 8 + worth_it) fold();
}

/// Counts the pieces whose middle is in one of `shares` equal parts of the batch.
MEMSIZER_TEXT_FUNCTION void WordCounter::count_share(size_t number, size_t shares) {
  size_t begin = 0;
  for (const size_t end : ends_) {
    if ((begin + end) / 2 * shares / batch_.size() == number)
      count(std::string_view(batch_).substr(begin, end - begin), counts_[number]);
    begin = end;
  }
}

MEMSIZER_TEXT_FUNCTION void WordCounter::fold() {
  for (size_t i = 1; i < counts_.size(); ++i) counts_.front().add(std::exchange(counts_[i], WordCounts()));
}

#endif

}  // namespace memsizer::text
