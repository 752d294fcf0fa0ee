#pragma once
// A matrix product in one thread. Eigen 3.4's own product reaches 60 to 70 % of this processor's peak; these
// loops over Eigen's packets reach 90 %, take an epilogue and compile in a fraction of the time.

#include <algorithm>

#include "memsizer/cpu/activation.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"

namespace memsizer::cpu {

/// The packed part of b stays in the second-level cache while strips of a pass by in the first.
inline constexpr Index product_inner_block = 256;
inline constexpr Index product_row_block = 32;
inline constexpr Index product_bytes_of_b = 1 << 19;

/// Applies the epilogue to the part of c with `rows` rows from first_row and `columns` columns from
/// first_column.
template <class T>
void apply_epilogue(T* c, const Epilogue<T>& epilogue, Index leading, Index first_row, Index rows,
                    Index first_column, Index columns) {
  for (Index row = first_row; row < first_row + rows; ++row) {
    const Index offset = row * leading + first_column;
    auto out = array(c + offset, columns);
    if (epilogue.bias != nullptr) out += array(epilogue.bias + first_column, columns);
    if (epilogue.before_activation != nullptr) array(epilogue.before_activation + offset, columns) = out;
    activate(out.data(), out.data(), epilogue.activation, columns);
  }
}

/// Packs [inner, count] of a factor as strips of `lanes`, one after the other: x[p, lane] as it is stored, or
/// x[lane, p] if `across`.
template <int lanes, class T>
void pack_strips(T* packed, const T* x, Index leading, bool across, Index inner, Index count) {
  constexpr int together = 32 / lanes;  // strips packed at once, for the use of whole cache lines
  Index lane = 0;
  if (!across)
    for (; lane + together * lanes <= count; lane += together * lanes)
      pack_whole_strips<lanes, together>(packed + lane * inner, x + lane, leading, inner);
  for (; lane < count; lane += lanes) {
    const Index present = std::min<Index>(lanes, count - lane);
    if (across)
      pack_transposed<lanes>(packed + lane * inner, x + lane * leading, leading, present, inner);
    else
      pack_lanes<lanes>(packed + lane * inner, x + lane, leading, present, inner);
  }
}

/// c [rows, columns] (+)= packed strips of op(a) times packed strips of op(b).
template <class T>
void multiply_strips(T* c, Index leading, bool add, const T* a, const T* b, Index rows, Index columns,
                     Index inner) {
  for (Index row = 0; row < rows; row += Tile<T>::rows)
    for (Index column = 0; column < columns; column += Tile<T>::columns) {
      const Index tile_rows = std::min<Index>(Tile<T>::rows, rows - row);
      const Index tile_columns = std::min<Index>(Tile<T>::columns, columns - column);
      T* const out = c + row * leading + column;
      if (tile_rows == Tile<T>::rows && tile_columns == Tile<T>::columns)
        multiply_tile(out, leading, add, a + row * inner, b + column * inner, inner);
      else
        multiply_edge_tile(out, leading, add, a + row * inner, b + column * inner, inner, tile_rows,
                           tile_columns);
    }
}

/// c (+)= op(a) op(b), then the epilogue, in the calling thread; the shape's batch is not looked at. Every
/// element is summed in the same order whatever part of a larger product it is computed in.
template <class T>
void product(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape,
             const Epilogue<T>& epilogue = {}) {
  struct Left;
  struct Right;
  constexpr Index depth = product_inner_block, height = product_row_block;
  constexpr Index width = product_bytes_of_b / static_cast<Index>(sizeof(T)) / depth;
  static_assert(height % Tile<T>::rows == 0 && width % Tile<T>::columns == 0);
  T* const left = scratch<T, Left>(height * depth);
  T* const right = scratch<T, Right>(width * depth);
  for (Index column = 0; column < shape.columns; column += width)
    for (Index p = 0; p == 0 || p < shape.inner; p += depth) {
      const Index columns = std::min(width, shape.columns - column), inner = std::min(depth, shape.inner - p);
      pack_strips<Tile<T>::columns>(
          right, b + (shape.transpose_b ? column * shape.b_leading + p : p * shape.b_leading + column),
          shape.b_leading, shape.transpose_b, inner, columns);
      for (Index row = 0; row < shape.rows; row += height) {
        const Index rows = std::min(height, shape.rows - row), offset = row * shape.c_leading + column;
        pack_strips<Tile<T>::rows>(
            left, a + (shape.transpose_a ? p * shape.a_leading + row : row * shape.a_leading + p),
            shape.a_leading, !shape.transpose_a, inner, rows);
        multiply_strips(c + offset, shape.c_leading, accumulate || p > 0, left, right, rows, columns, inner);
        if (p + depth >= shape.inner && !accumulate)
          apply_epilogue(c, epilogue, shape.c_leading, row, rows, column, columns);
      }
    }
}

}  // namespace memsizer::cpu
