#pragma once
// Filling and strided copying.

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/walk.hpp"

namespace memsizer::cpu {

template <class T>
void fill(Context& context, T* y, T value, Index n) {
  parallel_elements(context, n, [=](Index begin, Index end) { std::fill(y + begin, y + end, value); });
}

/// y (+)= x over n elements with strides.
template <class T>
void copy_run(Output<T> y, Index y_stride, const T* x, Index x_stride, Index n) {
  if (y_stride == 1 && x_stride == 1) {
    contribute(y, 0, array(x, n));
  } else if (y.accumulate) {
    for (Index i = 0; i < n; ++i) y.data[i * y_stride] += x[i * x_stride];
  } else {
    for (Index i = 0; i < n; ++i) y.data[i * y_stride] = x[i * x_stride];
  }
}

/// The axis along which the operand with these strides is contiguous, or -1.
inline int contiguous_axis(const Walk& walk, const Index (&strides)[max_rank]) {
  for (int axis = 0; axis < walk.rank; ++axis)
    if (strides[axis] == 1) return axis;
  return -1;
}

inline constexpr Index tile_size = 16;  // a cache line of floats

/// y[r, c] (+)= x[c, r] for one tile. The rows of a large x share few sets of the cache, so each row is
/// copied to a buffer at once.
template <class T>
inline void copy_tile(Output<T> y, Index y_stride, const T* x, Index x_stride, Index rows, Index columns) {
  alignas(64) T tile[tile_size * tile_size];
  alignas(64) T line[tile_size];
  for (Index column = 0; column < columns; ++column)
    for (Index row = 0; row < rows; ++row) tile[column * tile_size + row] = x[column * x_stride + row];
  for (Index row = 0; row < rows; ++row) {
    T* out = y.data + row * y_stride;
    for (Index column = 0; column < columns; ++column) line[column] = tile[column * tile_size + row];
    for (Index column = 0; column < columns; ++column)
      out[column] = y.accumulate ? out[column] + line[column] : line[column];
  }
}

/// A copy in which y is contiguous along one axis and x along another, in square tiles.
template <class T>
void copy_transposed(Context& context, Output<T> y, const T* x, const Walk& walk, int y_axis, int x_axis) {
  Walk outer;
  for (int axis = 0; axis < walk.rank; ++axis)
    if (axis != y_axis && axis != x_axis) append_axis(outer, walk, axis);
  append_axis(outer, walk, x_axis);
  const int last = outer.rank - 1;
  const Index rows = walk.extents[x_axis], columns = walk.extents[y_axis];
  const Index y_stride = walk.y_strides[x_axis], x_stride = walk.a_strides[y_axis];
  const Index strips = divide_up(rows, tile_size);
  outer.extents[last] = strips;
  outer.y_strides[last] *= tile_size;
  outer.a_strides[last] = tile_size;
  parallel_for(context, size(outer), tile_size * columns, [&](Index begin, Index end) {
    for (Index strip = begin; strip < end; ++strip) {
      const Index height = std::min(tile_size, rows - strip % strips * tile_size);
      for_each_run(outer, strip, strip + 1, [&](const Offsets& at, Index) {
        for (Index column = 0; column < columns; column += tile_size) {
          const Output<T> to{y.data + at.y + column, y.accumulate};
          const T* from = x + at.a + column * x_stride;
          const Index width = std::min(tile_size, columns - column);
          if (height == tile_size && width == tile_size)  // a size known to the compiler
            copy_tile<T>(to, y_stride, from, x_stride, tile_size, tile_size);
          else
            copy_tile<T>(to, y_stride, from, x_stride, height, width);
        }
      });
    }
  });
}

template <class T>
void copy_strided(Context& context, Output<T> y, const T* x, const Walk& walk) {
  Walk plain = walk;
  std::fill(plain.b_strides, plain.b_strides + max_rank, Index{0});
  plain = merge_axes(plain);
  const Index n = size(plain);
  const int last = plain.rank - 1;
  const int y_axis = contiguous_axis(plain, plain.y_strides),
            x_axis = contiguous_axis(plain, plain.a_strides);
  const bool repeats_y = std::count(plain.y_strides, plain.y_strides + plain.rank, Index{0}) > 0;
  const auto copy = [&](Index begin, Index end) {
    for_each_run(plain, begin, end, [&](const Offsets& at, Index length) {
      copy_run<T>({y.data + at.y, y.accumulate}, plain.y_strides[last], x + at.a, plain.a_strides[last],
                  length);
    });
  };
  if (repeats_y)
    copy(0, n);  // several elements go to one place, so we copy in order on one thread
  else if (y_axis >= 0 && x_axis >= 0 && y_axis != x_axis)
    copy_transposed(context, y, x, plain, y_axis, x_axis);
  else
    parallel_elements(context, n, copy);
}

inline void gather_rows(Context& context, void* y, const void* x, const Id* rows, Index count,
                        Index row_bytes, Index used_bytes) {
  auto* const to = static_cast<std::byte*>(y);
  const auto* const from = static_cast<const std::byte*>(x);
  if (used_bytes > 0)
    parallel_rows(context, count, divide_up(used_bytes, 4), [=](Index row) {
      std::memcpy(to + row * row_bytes, from + rows[row] * row_bytes, static_cast<std::size_t>(used_bytes));
    });
}

template <class T>
inline constexpr MemoryKernels<T> memory_kernels{
    .fill = fill<T>, .copy_strided = copy_strided<T>, .gather_rows = gather_rows};

}  // namespace memsizer::cpu
