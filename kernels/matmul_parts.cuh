#pragma once
// The common part of the kernels of matrix products: how C is cut, what a block computes, and where it goes.

#include "kernels/unary.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The kernel that computes the tiles of C, by the rows and columns of a tile.
enum class MatmulTiles { of_64, of_128, tensor_cores_of_128 };

/// How a product is shared out. If C has few tiles, the inner axis is cut into pieces, whose sums a second
/// kernel adds in order. The shape alone decides, so a result does not depend on the GPU.
struct MatmulPlan {
  MatmulTiles tiles = MatmulTiles::of_64;
  Index row_tiles = 0, column_tiles = 0, pieces = 1;

  Index blocks(const MatmulShape& shape) const { return shape.batch * pieces * row_tiles * column_tiles; }
  /// The elements of Accumulate<T> that the pieces need.
  Index partial_elements(const MatmulShape& shape) const {
    return pieces == 1 ? 0 : shape.batch * pieces * shape.rows * shape.columns;
  }
};

/// The first rung has small tiles, the second large ones and pieces, the third tensor cores.
template <class T>
MatmulPlan matmul_plan(const Context& context, const MatmulShape& shape) {
  constexpr bool for_tensor_cores = std::is_same_v<T, bfloat16>;
  constexpr Index enough_blocks = 256, shortest_piece = 256, most_pieces = 32;
  const Index most =
      context.climbs_to(2) ? std::clamp<Index>(shape.inner / shortest_piece, 1, most_pieces) : 1;
  const auto tiles = [&](Index extent) {
    return shape.batch * divide_up(shape.rows, extent) * divide_up(shape.columns, extent);
  };
  MatmulPlan plan;
  if (for_tensor_cores && context.climbs_to(3) && shape.rows >= 16 && shape.columns >= 16 &&
      shape.inner >= 16)
    plan.tiles = MatmulTiles::tensor_cores_of_128;
  else if (!for_tensor_cores && sizeof(Accumulate<T>) == 4 && context.climbs_to(2) && shape.rows >= 128 &&
           shape.columns >= 128 && tiles(128) * most >= enough_blocks / 2)
    plan.tiles = MatmulTiles::of_128;
  const Index extent = plan.tiles == MatmulTiles::of_64 ? 64 : 128;
  plan.row_tiles = divide_up(shape.rows, extent);
  plan.column_tiles = divide_up(shape.columns, extent);
  if (const Index n = tiles(extent); n > 0) plan.pieces = std::clamp<Index>(enough_blocks / n, 1, most);
  return plan;
}

/// A matrix of a product as the kernels read it: op(A) [rows, inner], or op(B) transposed, [columns, inner].
template <class T>
struct MatmulOperand {
  const T* data;
  Index rows, leading;
  bool inner_is_contiguous;
  bool aligned = false;  // whether eight neighbours, from a multiple of 8 on, can be read as 16 bytes
};

template <class T>
MEMSIZER_HOST_DEVICE MatmulOperand<T> left_operand(const T* a, const MatmulShape& shape) {
  return {a, shape.rows, shape.a_leading, !shape.transpose_a};
}
template <class T>
MEMSIZER_HOST_DEVICE MatmulOperand<T> right_operand(const T* b, const MatmulShape& shape) {
  return {b, shape.columns, shape.b_leading, shape.transpose_b};
}

template <class A>
__device__ A activated(Activation activation, A x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return unary_value(UnaryFunction::relu, x);
    case Activation::gelu:
      return unary_value(UnaryFunction::gelu, x);
    case Activation::gelu_tanh:
      return unary_value(UnaryFunction::gelu_tanh, x);
  }
  return A(NAN);
}

/// Where a product goes, and what happens on the way.
template <class T, class Out>
struct MatmulResult {
  using A = Accumulate<T>;

  Output<Out> c;
  Epilogue<T> epilogue;
  Index leading, stride;  // of C

  MatmulResult(const Output<Out>& output, const Epilogue<T>& after, const MatmulShape& shape)
      : c(output), epilogue(after), leading(shape.c_leading), stride(shape.c_stride) {}

  /// The place of an element of C, and of its number before the activation.
  __device__ Index place(Index batch, Index row, Index column) const {
    return batch * stride + row * leading + column;
  }

  __device__ void write(Index batch, Index row, Index column, A sum) const {
    const Index at = place(batch, row, column);
    if (!c.accumulate) {
      if (epilogue.bias != nullptr) sum += static_cast<A>(epilogue.bias[column]);
      if (epilogue.before_activation != nullptr) epilogue.before_activation[at] = static_cast<T>(sum);
      sum = activated(epilogue.activation, sum);
    }
    contribute(c, at, sum);
  }

  /// Whether write_pair may stand for two writes: C is in bfloat16, nothing but a bias comes to its sums, and
  /// two neighbours from an even column on begin at a multiple of 4 bytes.
  MEMSIZER_HOST_DEVICE bool takes_pairs() const {
    return std::is_same_v<Out, bfloat16> && epilogue.before_activation == nullptr &&
           epilogue.activation == Activation::none && leading % 2 == 0 && stride % 2 == 0 &&
           reinterpret_cast<std::uintptr_t>(c.data) % 4 == 0;
  }

  /// Writes the neighbours in an even column and in the next one, rounded by one instruction.
  __device__ void write_pair(Index batch, Index row, Index column, A first, A second) const {
    Out* const to = c.data + place(batch, row, column);
    if (c.accumulate) {
      const unsigned before = load_pair(to);
      first = lower(before) + first;
      second = upper(before) + second;
    } else if (epilogue.bias != nullptr) {
      first += static_cast<A>(epilogue.bias[column]);
      second += static_cast<A>(epilogue.bias[column + 1]);
    }
    store_pair(to, rounded_pair(first, second));
  }
};

/// The tile that a block computes, and its piece of the inner axis: whole depths of the tile, as equal as
/// can be. Blocks are numbered [batch, pieces, row tiles, column tiles].
template <class Tile>
struct MatmulBlock {
  Index batch, piece, first_row, first_column, first_inner, last_inner;

  __device__ MatmulBlock(const MatmulShape& shape, const MatmulPlan& plan) {
    Index rest = blockIdx.x;
    first_column = rest % plan.column_tiles * Tile::extent;
    rest /= plan.column_tiles;
    first_row = rest % plan.row_tiles * Tile::extent;
    rest /= plan.row_tiles;
    piece = rest % plan.pieces;
    batch = rest / plan.pieces;
    const Index steps = divide_up(shape.inner, Tile::depth);
    first_inner = steps * piece / plan.pieces * Tile::depth;
    last_inner = piece + 1 < plan.pieces ? steps * (piece + 1) / plan.pieces * Tile::depth : shape.inner;
  }
};

/// Stores an element of C, or of the block's piece of it if `partial` [batch, pieces, rows, columns] is not
/// null. A place beyond C is skipped.
template <class T, class Out, class Block>
__device__ void store_product(const MatmulResult<T, Out>& result, Accumulate<T>* partial, const Block& at,
                              const MatmulShape& shape, const MatmulPlan& plan, Index row, Index column,
                              Accumulate<T> sum) {
  if (row >= shape.rows || column >= shape.columns) return;
  if (partial == nullptr)
    result.write(at.batch, row, column, sum);
  else
    partial[((at.batch * plan.pieces + at.piece) * shape.rows + row) * shape.columns + column] = sum;
}

}  // namespace memsizer::MEMSIZER_DEVICE
