#pragma once
// Iteration over strided arrays by runs along the last axis.

#include <algorithm>

#include "memsizer/device/walk.hpp"

namespace memsizer::cpu {

/// The number of elements in a temporary of a chunked loop; it stays in the first-level cache.
inline constexpr Index chunk_size = 512;

/// body(offsets, n) for each run of elements along the last axis among the elements begin .. end - 1 of the
/// walk, with the offsets of its first element. The walk has at least one axis.
template <class Body>
void for_each_run(const Walk& walk, Index begin, Index end, const Body& body) {
  if (begin >= end) return;
  const int last = walk.rank - 1;
  Index position[max_rank];
  Offsets offsets;
  Index rest = begin;
  for (int axis = last; axis >= 0; --axis) {
    position[axis] = rest % walk.extents[axis];
    rest /= walk.extents[axis];
    advance(offsets, walk, axis, position[axis]);
  }
  while (true) {
    const Index n = std::min(end - begin, walk.extents[last] - position[last]);
    body(offsets, n);
    begin += n;
    if (begin == end) return;
    position[last] += n;
    advance(offsets, walk, last, n);
    for (int axis = last; position[axis] == walk.extents[axis]; --axis) {
      advance(offsets, walk, axis, -position[axis]);
      position[axis] = 0;
      ++position[axis - 1];
      advance(offsets, walk, axis - 1, 1);
    }
  }
}

/// The n <= chunk_size elements from `data` on, `stride` apart, as a contiguous run: in place if they are
/// contiguous, else copied into the buffer.
template <class T>
const T* contiguous_run(const T* data, Index stride, Index n, T* buffer) {
  if (stride == 1) return data;
  if (stride == 0)
    std::fill_n(buffer, n, *data);
  else
    for (Index i = 0; i < n; ++i) buffer[i] = data[i * stride];
  return buffer;
}

}  // namespace memsizer::cpu
