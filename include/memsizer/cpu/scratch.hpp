#pragma once
// Memory that a thread's part of a kernel works in.

#include <Eigen/Core>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/sanitizer.hpp"

namespace memsizer::cpu {

/// At least n elements of the calling thread's own memory, aligned for every kernel and full of anything. It
/// is kept until the thread ends; two uses of one Purpose share it.
template <class T, class Purpose>
T* scratch(Index n) {
  thread_local std::vector<T, Eigen::aligned_allocator<T>> block;
  const auto size = static_cast<std::size_t>(n);
  // AddressSanitizer sees a step over the end only where the block ends with what was asked for.
  if (block.size() < size || (address_sanitizer && block.size() > size)) block = decltype(block)(size);
  return block.data();
}

}  // namespace memsizer::cpu
