#pragma once
// Walks over strided arrays: positions, merging of axes, and the axes that are summed over. Every device uses
// them to plan a kernel.

#include "memsizer/device/arguments.hpp"

namespace memsizer {

/// Positions in the three arrays of a walk, in elements.
struct Offsets {
  Index y = 0, a = 0, b = 0;
};

MEMSIZER_HOST_DEVICE inline Index size(const Walk& walk) {
  Index product = 1;
  for (int axis = 0; axis < walk.rank; ++axis) product *= walk.extents[axis];
  return product;
}

/// Moves the offsets by `steps` along `axis`.
MEMSIZER_HOST_DEVICE inline void advance(Offsets& offsets, const Walk& walk, int axis, Index steps) {
  offsets.y += steps * walk.y_strides[axis];
  offsets.a += steps * walk.a_strides[axis];
  offsets.b += steps * walk.b_strides[axis];
}

/// The offsets of element i of a walk, whose last axis runs fastest. There is a division for each axis but
/// the first, so a device's host merges axes before a launch.
MEMSIZER_HOST_DEVICE inline Offsets offsets_of(const Walk& walk, Index i) {
  Offsets at;
  for (int axis = walk.rank - 1; axis > 0; --axis) {
    const Index outer = i / walk.extents[axis];
    advance(at, walk, axis, i - outer * walk.extents[axis]);
    i = outer;
  }
  advance(at, walk, 0, i);
  return at;
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

/// The axes of a walk whose sums are kept (a stride other than 0) and those that are summed over.
struct SplitWalk {
  Walk kept, repeated;
  bool innermost_is_kept = false;
};

inline SplitWalk split_axes(const Walk& walk) {
  SplitWalk split;
  for (int axis = 0; axis < walk.rank; ++axis)
    append_axis(walk.a_strides[axis] != 0 ? split.kept : split.repeated, walk, axis);
  split.innermost_is_kept = walk.rank > 0 && walk.a_strides[walk.rank - 1] != 0;
  for (Walk* part : {&split.kept, &split.repeated})
    if (part->rank == 0) {
      part->rank = 1;
      part->extents[0] = 1;
    }
  return split;
}

MEMSIZER_HOST_DEVICE inline Offsets operator+(const Offsets& p, const Offsets& q) {
  return {p.y + q.y, p.a + q.a, p.b + q.b};
}

}  // namespace memsizer
