#pragma once
// Strided arrays on the device: where an element of a walk lies.

#include "memsizer/device/walk.hpp"

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The offsets of element i of a walk, whose last axis runs fastest. There is a division for each axis but
/// the first, so the host merges axes before a launch.
__device__ inline Offsets offsets_of(const Walk& walk, Index i) {
  Offsets at;
  for (int axis = walk.rank - 1; axis > 0; --axis) {
    const Index outer = i / walk.extents[axis];
    advance(at, walk, axis, i - outer * walk.extents[axis]);
    i = outer;
  }
  advance(at, walk, 0, i);
  return at;
}

}  // namespace memsizer::MEMSIZER_DEVICE
