#pragma once
// Scratch memory for a thread's part of a kernel.

#include <Eigen/Core>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/sanitizer.hpp"

namespace memsizer::cpu {

/// A thread-local, aligned, uninitialised buffer of at least n elements. The next call with the same Purpose
/// and type reuses it; it is freed when the thread ends.
template <class T, class Purpose>
T* scratch(Index n) {
  thread_local std::vector<T, Eigen::aligned_allocator<T>> block;
  const auto size = static_cast<std::size_t>(n);
  // AddressSanitizer sees an access beyond the end only if the block is exactly as long as requested.
  if (block.size() < size || (address_sanitizer && block.size() > size)) block = decltype(block)(size);
  return block.data();
}

}  // namespace memsizer::cpu
