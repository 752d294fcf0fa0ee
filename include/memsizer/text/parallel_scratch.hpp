#pragma once
// Encodes many texts at once, on the threads of a pool.

#include <vector>

#include "memsizer/base/thread_pool.hpp"
#include "memsizer/text/bpe.hpp"

namespace memsizer::text {

/// A scratch for each thread. The ids of a text do not depend on the scratch, and so not on the number of
/// threads. Example:
///
///     ParallelScratch scratches(&pool);
///     scratches.for_each(texts.size(), [&](size_t i, BpeModel::Scratch& scratch) {
///       tokenizer.encode(texts[i], ids[i], {}, scratch);
///     });
class ParallelScratch {
 public:
  /// Null: the calling thread alone. The pool must outlive this object.
  explicit ParallelScratch(ThreadPool* threads = nullptr) : threads_(threads), scratches_(1) {}

  /// The number of threads.
  size_t size() const { return threads_ == nullptr ? 1 : static_cast<size_t>(threads_->size()); }

  /// body(i, scratch) for i from 0 to n - 1. Each thread takes neighbours.
  template <class Body>
  void for_each(size_t n, const Body& body) {
    const size_t parts = size();
    if (scratches_.size() < parts) scratches_.resize(parts);
    const auto run = [&](Index first, Index last) {
      for (auto part = static_cast<size_t>(first); part < static_cast<size_t>(last); ++part)
        for (size_t i = n * part / parts; i < n * (part + 1) / parts; ++i) body(i, scratches_[part]);
    };
    if (parts == 1) return run(0, 1);
    threads_->parallel_for(static_cast<Index>(parts), 1, run);
  }

 private:
  ThreadPool* threads_;
  std::vector<BpeModel::Scratch> scratches_;
};

}  // namespace memsizer::text
