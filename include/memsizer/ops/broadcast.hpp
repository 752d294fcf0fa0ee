#pragma once
// The shape rule of operations on two tensors.

#include "memsizer/ops/checks.hpp"

namespace memsizer {

/// The common shape of two shapes. They are aligned at the last axis; an extent of 1, or a missing one, fits
/// any extent.
inline Shape broadcast_shape(const char* name, const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  Index extents[max_rank];
  for (int axis = 1; axis <= rank; ++axis) {
    const Index x = axis <= a.rank() ? a[-axis] : 1, y = axis <= b.rank() ? b[-axis] : 1;
    require(x == y || x == 1 || y == 1, name, ": shapes ", a, " and ", b, " do not fit at axis ", -axis);
    extents[rank - axis] = x == 1 ? y : x;
  }
  return Shape(std::span<const Index>(extents, static_cast<std::size_t>(rank)));
}

/// Row-major strides of an operand along the axes of `shape`; 0 along an axis that repeats it.
inline void broadcast_strides(const Shape& shape, const Shape& operand, Index* strides) {
  Index own[max_rank];
  operand.row_major_strides(own);
  const int missing = shape.rank() - operand.rank();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool repeated = axis < missing || operand[axis - missing] != shape[axis];
    strides[axis] = repeated ? 0 : own[axis - missing];
  }
}

/// The walk over `shape` of two operands broadcast to it.
inline Walk broadcast_walk(const Shape& shape, const Shape& a, const Shape& b) {
  Walk walk{.rank = shape.rank()};
  std::ranges::copy(shape.extents(), walk.extents);
  shape.row_major_strides(walk.y_strides);
  broadcast_strides(shape, a, walk.a_strides);
  broadcast_strides(shape, b, walk.b_strides);
  return walk;
}

}  // namespace memsizer
