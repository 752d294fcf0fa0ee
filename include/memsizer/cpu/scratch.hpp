#pragma once
// Scratch memory for a thread's part of a kernel.

#include <Eigen/Core>
#include <cstring>
#include <memory>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/sanitizer.hpp"

namespace memsizer::cpu {

/// An aligned block that grows, which is one class for all types and purposes.
class ScratchBlock {
 public:
  /// At least this many bytes, with what the last use left there. A block that grows loses that and is all
  /// zeros, so that a kernel which read what it did not write would do the same in each run. AddressSanitizer
  /// sees an access beyond the end only if the block is exactly as long as requested.
  void* room(Index bytes) {
    if (bytes > bytes_ || (address_sanitizer && bytes < bytes_)) {
      block_.reset();
      bytes_ = 0;
      block_.reset(Eigen::internal::aligned_malloc(static_cast<std::size_t>(bytes)));
      std::memset(block_.get(), 0, static_cast<std::size_t>(bytes));
      bytes_ = bytes;
    }
    return block_.get();
  }

 private:
  struct Free {
    void operator()(void* block) const { Eigen::internal::aligned_free(block); }
  };
  std::unique_ptr<void, Free> block_;
  Index bytes_ = 0;
};

/// A thread-local, aligned, uninitialised buffer of at least n elements. The next call with the same Purpose
/// and type reuses it; it is freed when the thread ends.
template <class T, class Purpose>
T* scratch(Index n) {
  thread_local ScratchBlock block;
  return static_cast<T*>(block.room(n * Index{sizeof(T)}));
}

}  // namespace memsizer::cpu
