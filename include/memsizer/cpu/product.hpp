#pragma once
// A matrix product in one thread. Eigen 3.4's own product reaches 60 to 70 % of a processor's peak (AVX-512,
// g++ 12; bench/operations.cpp); these loops over Eigen's packets reach 90 %, take an epilogue and compile in
// a fraction of the time.

#include <algorithm>

#include "memsizer/cpu/activation.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"

namespace memsizer::cpu {

/// The packed part of b stays in the second-level cache, while strips of a pass through the first-level
/// cache. Processors with 32 vector registers have at least 1 MB of the second level, others as little as
/// 256 KB.
inline constexpr Index product_inner_block = 256;
inline constexpr Index product_strips_of_a = 4;
inline constexpr Index product_bytes_of_b = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 1 << 19 : 1 << 18;

/// b is not packed for products of at most this many rows, nor a if the inner extent is at most this.
inline constexpr Index product_short = 64;

/// Applies the epilogue to the part of c with `rows` rows from first_row and `columns` columns from
/// first_column.
template <class T>
void apply_epilogue(T* c, const Epilogue<T>& epilogue, Index leading, Index first_row, Index rows,
                    Index first_column, Index columns) {
  for (Index row = first_row; row < first_row + rows; ++row) {
    const Index offset = row * leading + first_column;
    const auto out = array(c + offset, columns);
    if (epilogue.bias != nullptr) out += array(epilogue.bias + first_column, columns);
    if (epilogue.before_activation != nullptr) array(epilogue.before_activation + offset, columns) = out;
    activate(out.data(), out.data(), epilogue.activation, columns);
  }
}

/// Strips of a factor. They are packed, unless the factor is short and already has the layout of strips in
/// memory.
template <int lanes, class T>
Strips<T> strips_of(T* packed, const T* x, Index leading, bool across, Index inner, Index count,
                    bool is_short) {
  if (is_short && !across && count % lanes == 0) return {x, lanes, leading};
  return pack_strips<lanes>(packed, x, leading, across, inner, count);
}

/// c (+)= op(a) op(b), then the epilogue, in the calling thread; it ignores the shape's batch. An element is
/// summed in the same order in whatever part of a larger product it is computed.
template <class T>
void product(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape,
             const Epilogue<T>& epilogue = {}) {
  struct Left;
  struct Right;
  constexpr Index depth = product_inner_block, height = product_strips_of_a * Tile<T>::rows;
  constexpr Index width = product_bytes_of_b / static_cast<Index>(sizeof(T)) / depth;
  static_assert(width % Tile<T>::columns == 0);
  T* const left_memory = scratch<T, Left>(height * depth);
  T* const right_memory = scratch<T, Right>(width * depth);
  for (Index column = 0; column < shape.columns; column += width)
    for (Index p = 0; p == 0 || p < shape.inner; p += depth) {
      const Index columns = std::min(width, shape.columns - column), inner = std::min(depth, shape.inner - p);
      const T* const right =
          b + (shape.transpose_b ? column * shape.b_leading + p : p * shape.b_leading + column);
      const auto right_strips =
          strips_of<Tile<T>::columns>(right_memory, right, shape.b_leading, shape.transpose_b, inner, columns,
                                      shape.rows <= product_short);
      for (Index row = 0; row < shape.rows; row += height) {
        const Index rows = std::min(height, shape.rows - row), offset = row * shape.c_leading + column;
        const T* const left = a + (shape.transpose_a ? p * shape.a_leading + row : row * shape.a_leading + p);
        const auto left_strips =
            strips_of<Tile<T>::rows>(left_memory, left, shape.a_leading, !shape.transpose_a, inner, rows,
                                     shape.inner <= product_short);
        multiply_strips(c + offset, shape.c_leading, accumulate || p > 0, left_strips, right_strips, rows,
                        columns, inner);
        if (p + depth >= shape.inner && !accumulate)
          apply_epilogue(c, epilogue, shape.c_leading, row, rows, column, columns);
      }
    }
}

}  // namespace memsizer::cpu
