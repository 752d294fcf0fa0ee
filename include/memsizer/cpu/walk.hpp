#pragma once
// Walks over strided arrays: merging of axes and iteration by runs along the last axis.

#include <algorithm>

#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

/// The number of elements in a temporary of a chunked loop; it stays in the first-level cache.
inline constexpr Index chunk_size = 512;

/// Positions in the three arrays of a walk, in elements.
struct Offsets {
  Index y = 0, a = 0, b = 0;
};

inline Index size(const Walk& walk) {
  Index product = 1;
  for (int axis = 0; axis < walk.rank; ++axis) product *= walk.extents[axis];
  return product;
}

/// Moves the offsets by `steps` along `axis`.
inline void advance(Offsets& offsets, const Walk& walk, int axis, Index steps) {
  offsets.y += steps * walk.y_strides[axis];
  offsets.a += steps * walk.a_strides[axis];
  offsets.b += steps * walk.b_strides[axis];
}

inline void append_axis(Walk& walk, const Walk& from, int axis) {
  walk.extents[walk.rank] = from.extents[axis];
  walk.y_strides[walk.rank] = from.y_strides[axis];
  walk.a_strides[walk.rank] = from.a_strides[axis];
  walk.b_strides[walk.rank] = from.b_strides[axis];
  ++walk.rank;
}

/// The same elements in the same order with as few axes as possible, at least one.
inline Walk merge_axes(const Walk& walk) {
  Walk merged;
  for (int axis = 0; axis < walk.rank; ++axis) {
    if (walk.extents[axis] == 1) continue;
    const int last = merged.rank - 1;
    const Index extent = walk.extents[axis];
    if (last >= 0 && merged.y_strides[last] == extent * walk.y_strides[axis] &&
        merged.a_strides[last] == extent * walk.a_strides[axis] &&
        merged.b_strides[last] == extent * walk.b_strides[axis]) {
      const Index merged_extent = merged.extents[last] * extent;
      merged.rank = last;
      append_axis(merged, walk, axis);
      merged.extents[last] = merged_extent;
    } else {
      append_axis(merged, walk, axis);
    }
  }
  if (merged.rank == 0) {
    merged.rank = 1;
    merged.extents[0] = 1;
  }
  return merged;
}

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
