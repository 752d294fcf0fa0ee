#pragma once
// Matrix products with few rows (generation: a row a sequence). Every element of b is used once or a few
// times, so what counts is to read it once, in order and unpacked.

#include <Eigen/Core>
#include <algorithm>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"

namespace memsizer::cpu {

/// Up to this many rows reading b counts more than multiplying.
inline constexpr Index few_rows = 4;

/// out[j] (+)= x . (row j of w) for four rows of n elements.
template <class T>
void dot_four(T* out, bool add, const T* x, const T* w, Index leading, Index n) {
  using Packet = typename Tile<T>::Packet;
  constexpr Index width = Tile<T>::packet;
  const T* const rows[4] = {w, w + leading, w + 2 * leading, w + 3 * leading};
  Packet sums[4];
  for (Packet& sum : sums) sum = packets::pset1<Packet>(T(0));
  Index i = 0;
  for (; i + width <= n; i += width) {
    const Packet factor = packets::ploadu<Packet>(x + i);
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j)
      sums[j] = packets::pmadd(factor, packets::ploadu<Packet>(rows[j] + i), sums[j]);
  }
  for (int j = 0; j < 4; ++j) {
    T sum = packets::predux(sums[j]);
    for (Index tail = i; tail < n; ++tail) sum += x[tail] * rows[j][tail];
    out[j] = add ? out[j] + sum : sum;
  }
}

/// out[j] (+)= x . (row j of w), j < count.
template <class T>
void dot_rows(T* out, bool add, const T* x, const T* w, Index leading, Index n, Index count) {
  Index j = 0;
  for (; j + 4 <= count; j += 4) dot_four(out + j, add, x, w + j * leading, leading, n);
  for (; j < count; ++j) {
    const T sum = n > 0 ? (array(x, n) * array(w + j * leading, n)).sum() : T(0);
    out[j] = add ? out[j] + sum : sum;
  }
}

/// out[i] (+)= sum over p of x[p] w[p, i], p < n, i < count: columns in blocks that stay in registers.
template <class T>
void sum_rows(T* out, bool add, const T* x, const T* w, Index leading, Index n, Index count) {
  constexpr Index width = 4 * Tile<T>::packet;
  Index i = 0;
  for (; i + width <= count; i += width) {
    Eigen::Array<T, width, 1> sum = Eigen::Array<T, width, 1>::Zero();
    for (Index p = 0; p < n; ++p)
      sum += x[p] * Eigen::Map<const Eigen::Array<T, width, 1>>(w + p * leading + i);
    Eigen::Map<Eigen::Array<T, width, 1>> target(out + i);
    if (add) sum += target;
    target = sum;
  }
  if (i == count) return;
  if (!add) std::fill(out + i, out + count, T(0));
  for (Index p = 0; p < n; ++p) array(out + i, count - i) += x[p] * array(w + p * leading + i, count - i);
}

/// c [rows, columns] (+)= op(a) op(b) for few rows, in the calling thread.
template <class T>
void row_product(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape) {
  struct Row;
  constexpr Index block = 16;  // rows of a transposed b that stay in the first-level cache for all rows of c
  T* const gathered = shape.transpose_a ? scratch<T, Row>(shape.rows * shape.inner) : nullptr;
  if (shape.transpose_a)
    for (Index row = 0; row < shape.rows; ++row)
      for (Index p = 0; p < shape.inner; ++p) gathered[row * shape.inner + p] = a[p * shape.a_leading + row];
  const auto left = [&](Index row) {
    return shape.transpose_a ? gathered + row * shape.inner : a + row * shape.a_leading;
  };
  if (!shape.transpose_b) {
    for (Index row = 0; row < shape.rows; ++row)
      sum_rows(c + row * shape.c_leading, accumulate, left(row), b, shape.b_leading, shape.inner,
               shape.columns);
    return;
  }
  for (Index column = 0; column < shape.columns; column += block)
    for (Index row = 0; row < shape.rows; ++row)
      dot_rows(c + row * shape.c_leading + column, accumulate, left(row), b + column * shape.b_leading,
               shape.b_leading, shape.inner, std::min(block, shape.columns - column));
}

}  // namespace memsizer::cpu
