#pragma once
// The extents of a tensor.

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <ostream>
#include <span>
#include <utility>

#include "memsizer/base/linkage.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer {

/// An Index from a whole number of any type, so that Shape{n, 2} and x.at({n, -1}) take a std::size_t n.
/// InputError for a number that no Index holds.
struct AnyIndex {
  template <std::integral Number>
  AnyIndex(Number number) : value(static_cast<Index>(number)) {
    require(std::in_range<Index>(number), "shape: ", number, " is too large for an extent or a place");
  }
  operator Index() const { return value; }
  Index value;
};

/// Up to max_rank extents, each >= 0; a scalar has none. The number of elements fits an Index. If an extent
/// is 0, the product of the others fits too, so every stride and every partial product fits.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<AnyIndex> extents) { assign(extents.begin(), extents.size()); }
  explicit Shape(std::span<const Index> extents) { assign(extents.data(), extents.size()); }

  int rank() const { return rank_; }
  Index size() const { return size_; }
  std::span<const Index> extents() const { return {extents_, static_cast<std::size_t>(rank_)}; }

  /// The extent of an axis; -1 means the last axis.
  Index operator[](Index axis) const { return extents_[checked_axis(axis)]; }

  /// The axis counted from 0; InputError if there is no such axis.
  int checked_axis(Index axis) const {
    require(axis >= -rank_ && axis < rank_, "axis ", axis, " of a shape with ", rank_, " axes");
    return static_cast<int>(axis < 0 ? axis + rank_ : axis);
  }

  /// This shape with one extent replaced.
  Shape with(Index axis, Index extent) const {
    Shape other = *this;
    other.extents_[checked_axis(axis)] = extent;
    return Shape(other.extents());
  }

  /// Distances in elements between neighbours along each axis, row-major.
  void row_major_strides(Index* strides) const {
    Index stride = 1;
    for (int axis = rank_ - 1; axis >= 0; --axis) {
      strides[axis] = stride;
      stride *= extents_[axis];
    }
  }

  friend bool operator==(const Shape& a, const Shape& b) {
    return a.rank_ == b.rank_ && std::equal(a.extents_, a.extents_ + a.rank_, b.extents_);
  }

  friend std::ostream& operator<<(std::ostream& out, const Shape& shape);

 private:
  template <class Element>
  void assign(const Element* extents, std::size_t count) {
    require(count <= max_rank, "shape: at most ", max_rank, " axes, got ", count);
    Index others = 1;
    for (std::size_t axis = 0; axis < count; ++axis) {
      const Index extent = extents_[axis] = extents[axis];
      others = checked_product(others, extent == 0 ? 1 : extent, "shape");
      if (extent == 0) size_ = 0;
    }
    size_ *= others;
    rank_ = static_cast<int>(count);
  }

  int rank_ = 0;
  Index extents_[max_rank] = {};
  Index size_ = 1;
};

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  out << '[';
  for (int axis = 0; axis < shape.rank_; ++axis) out << (axis > 0 ? ", " : "") << shape.extents_[axis];
  return out << ']';
}
#endif

/// A shape as a matrix: the last axis gives the columns.
struct RowsAndColumns {
  Index rows, columns;
};

/// The last axis gives the columns, all others together the rows. A scalar is one row of one column.
inline RowsAndColumns rows_and_columns(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  Index rows = 1;
  for (int axis = 0; axis < shape.rank() - 1; ++axis) rows *= shape[axis];
  return {rows, shape[-1]};
}

}  // namespace memsizer
