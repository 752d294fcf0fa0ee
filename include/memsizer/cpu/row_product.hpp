#pragma once
// Matrix products with few rows (as in generation, with a row for each sequence). Every element of b is used
// once or a few times, so it is fastest to read b once, in order and unpacked.

#include <Eigen/Core>
#include <algorithm>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"

namespace memsizer::cpu {

/// Up to this many rows, reading b takes longer than multiplying.
inline constexpr Index few_rows = 4;

/// out[j] = x . (row j of w) for `count` rows of n elements, which are `leading` elements apart.
template <int count, class T>
void dot_rows(T* out, const T* x, const T* w, Index leading, Index n) {
  using Packet = typename Tile<T>::Packet;
  constexpr Index width = Tile<T>::packet;
  Packet sums[count];
  for (Packet& sum : sums) sum = packets::pset1<Packet>(T(0));
  Index i = 0;
  for (; i + width <= n; i += width) {
    const Packet factor = packets::ploadu<Packet>(x + i);
#pragma GCC unroll 4
    for (int j = 0; j < count; ++j)
      sums[j] = packets::pmadd(factor, packets::ploadu<Packet>(w + j * leading + i), sums[j]);
  }
  for (int j = 0; j < count; ++j) {
    out[j] = packets::predux(sums[j]);
    for (Index tail = i; tail < n; ++tail) out[j] += x[tail] * w[j * leading + tail];
  }
}

/// x . y
template <class T>
T dot(const T* x, const T* y, Index n) {
  T sum;
  dot_rows<1>(&sum, x, y, 0, n);
  return sum;
}

/// out[j] (+)= x . (row j of w), j < count.
template <class T>
void row_times_rows(T* out, bool accumulate, const T* x, const T* w, Index leading, Index n, Index count) {
  T sums[4];
  for (Index j = 0; j < count; j += 4) {
    const Index present = std::min<Index>(4, count - j);
    if (present == 4)
      dot_rows<4>(sums, x, w + j * leading, leading, n);
    else
      for (Index i = 0; i < present; ++i) sums[i] = dot(x, w + (j + i) * leading, n);
    for (Index i = 0; i < present; ++i) out[j + i] = accumulate ? out[j + i] + sums[i] : sums[i];
  }
}

/// out[i] (+)= sum over p of x[p] w[p, i] for `count` packets of columns, which stay in registers.
template <int count, class T>
void sum_packets(T* out, bool accumulate, const T* x, const T* w, Index leading, Index n) {
  using Packet = typename Tile<T>::Packet;
  constexpr Index width = Tile<T>::packet;
  Packet sums[count];
  for (int i = 0; i < count; ++i)
    sums[i] = accumulate ? packets::ploadu<Packet>(out + i * width) : packets::pset1<Packet>(T(0));
  for (Index p = 0; p < n; ++p, w += leading) {
    const Packet factor = packets::pset1<Packet>(x[p]);
#pragma GCC unroll 4
    for (int i = 0; i < count; ++i)
      sums[i] = packets::pmadd(factor, packets::ploadu<Packet>(w + i * width), sums[i]);
  }
  for (int i = 0; i < count; ++i) packets::pstoreu(out + i * width, sums[i]);
}

/// out[i] (+)= sum over p of x[p] w[p, i], p < n, i < count.
template <class T>
void sum_rows(T* out, bool accumulate, const T* x, const T* w, Index leading, Index n, Index count) {
  constexpr Index width = Tile<T>::packet;
  Index i = 0;
  for (; i + 4 * width <= count; i += 4 * width) sum_packets<4>(out + i, accumulate, x, w + i, leading, n);
  for (; i + 2 * width <= count; i += 2 * width) sum_packets<2>(out + i, accumulate, x, w + i, leading, n);
  for (; i + width <= count; i += width) sum_packets<1>(out + i, accumulate, x, w + i, leading, n);
  for (; i < count; ++i) {
    T sum = accumulate ? out[i] : T(0);
    for (Index p = 0; p < n; ++p) sum += x[p] * w[p * leading + i];
    out[i] = sum;
  }
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
      row_times_rows(c + row * shape.c_leading + column, accumulate, left(row), b + column * shape.b_leading,
                     shape.b_leading, shape.inner, std::min(block, shape.columns - column));
}

}  // namespace memsizer::cpu
