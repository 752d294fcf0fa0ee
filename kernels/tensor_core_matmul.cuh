#pragma once
// Matrix products of bfloat16 on tensor cores, with sums in float.
//
// A block computes 128 x 128 elements of C. 64 columns of A and rows of B at a time go to shared memory, and
// while the block multiplies one such step, copies bring the next two. Each of eight warps has 64 x 32
// elements of C in registers, as 4 x 4 products of 16 x 8 x 16.

#include "kernels/matmul_parts.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// A step of an operand lies in shared memory as in its array: [128 rows, 64 inner] if the inner axis is
/// contiguous, else [64 inner, 128 rows]. Eight more elements a line keep neighbouring lines in different
/// banks.
struct TensorCoreTile {
  static constexpr int extent = 128, depth = 64, stages = 3;
  static constexpr int inner_line = depth + 8, row_line = extent + 8;
  static constexpr int elements = extent * inner_line;  // [64, 136] is smaller
  static constexpr int warps = 8, warp_rows = 64, warp_columns = 32;
  static constexpr int row_products = warp_rows / 16, column_products = warp_columns / 8;
  static constexpr unsigned most_threads = 32 * warps;
};

/// What a thread copies at once: eight neighbours.
struct alignas(16) EightNumbers {
  bfloat16 number[8];
};

/// Starts to copy the step from first_inner on, with zeros beyond the matrix. Where the array is not aligned
/// for copies of 16 bytes, the thread copies single numbers.
__device__ inline void stage_step(bfloat16* tile, const MatmulOperand<bfloat16>& x, Index first_row,
                                  Index first_inner, Index last_inner) {
  using Tile = TensorCoreTile;
  for (int i = static_cast<int>(threadIdx.x); i < Tile::extent * Tile::depth / 8;
       i += static_cast<int>(blockDim.x)) {
    const int row = x.inner_is_contiguous ? i / (Tile::depth / 8) : i % (Tile::extent / 8) * 8;
    const int inner = x.inner_is_contiguous ? i % (Tile::depth / 8) * 8 : i / (Tile::extent / 8);
    const Index at_row = first_row + row, at_inner = first_inner + inner;
    bfloat16* const to =
        tile + (x.inner_is_contiguous ? row * Tile::inner_line + inner : inner * Tile::row_line + row);
    const Index at = x.inner_is_contiguous ? at_row * x.leading + at_inner : at_inner * x.leading + at_row;
    if (x.aligned) {
      const bool inside = at_row < x.rows && at_inner < last_inner;
      copy_16_bytes_async(to, inside ? x.data + at : x.data, inside);
      continue;
    }
    for (int j = 0; j < 8; ++j) {
      const bool inside = at_row + (x.inner_is_contiguous ? 0 : j) < x.rows &&
                          at_inner + (x.inner_is_contiguous ? j : 0) < last_inner;
      to[j] = inside ? x.data[at + j] : bfloat16(0.0f);
    }
  }
}

/// Four 8 x 8 parts of an operand's step, as products take them. The second part lies `row_step` rows and
/// 8 - row_step inner places after the first, the third the other way round.
__device__ inline void load_fragments(unsigned (&x)[4], const bfloat16* tile, bool inner_is_contiguous,
                                      int row, int inner, bool rows_first) {
  const int lane = static_cast<int>(threadIdx.x % warp_threads), part = lane / 8, line = lane % 8;
  row += (rows_first ? part % 2 : part / 2) * 8;
  inner += (rows_first ? part / 2 : part % 2) * 8;
  if (inner_is_contiguous)
    load_matrices(x, tile + (row + line) * TensorCoreTile::inner_line + inner);
  else
    load_matrices_transposed(x, tile + (inner + line) * TensorCoreTile::row_line + row);
}

/// The sums of a warp's part of C.
using TensorCoreSums = float[TensorCoreTile::row_products][TensorCoreTile::column_products][4];

/// sums += the products of one step, for the part of C that begins at (row, column) of the block's tile.
__device__ inline void multiply_step(TensorCoreSums& sums, const bfloat16* a_tile, const bfloat16* b_tile,
                                     bool a_contiguous, bool b_contiguous, int row, int column) {
  using Tile = TensorCoreTile;
  MEMSIZER_UNROLL
  for (int inner = 0; inner < Tile::depth; inner += 16) {
    unsigned a[Tile::row_products][4], b[Tile::column_products / 2][4];
    MEMSIZER_UNROLL
    for (int i = 0; i < Tile::row_products; ++i)
      load_fragments(a[i], a_tile, a_contiguous, row + i * 16, inner, true);
    MEMSIZER_UNROLL
    for (int j = 0; j < Tile::column_products / 2; ++j)
      load_fragments(b[j], b_tile, b_contiguous, column + j * 16, inner, false);
    MEMSIZER_UNROLL
    for (int i = 0; i < Tile::row_products; ++i) MEMSIZER_UNROLL
    for (int j = 0; j < Tile::column_products; ++j)
      multiply_16x8x16(sums[i][j], a[i], {b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]});
  }
}

/// Multiplies the block's piece of the inner axis into the sums of the calling warp's part, if it has one.
__device__ inline void multiply_piece(TensorCoreSums& sums, bfloat16* tiles, const MatmulOperand<bfloat16>& a,
                                      const MatmulOperand<bfloat16>& b, const MatmulBlock<TensorCoreTile>& at,
                                      int part) {
  using Tile = TensorCoreTile;
  const Index steps = divide_up(at.last_inner - at.first_inner, Tile::depth);
  const auto a_tile = [&](Index step) { return tiles + step % Tile::stages * 2 * Tile::elements; };
  const auto stage_both = [&](Index step) {
    const Index inner = at.first_inner + step * Tile::depth;
    if (step < steps) {
      stage_step(a_tile(step), a, at.first_row, inner, at.last_inner);
      stage_step(a_tile(step) + Tile::elements, b, at.first_column, inner, at.last_inner);
    }
    close_copy_group();
  };
  __syncthreads();  // threads may still read the tiles of the part before
  for (Index step = 0; step < Tile::stages - 1; ++step) stage_both(step);
  for (Index step = 0; step < steps; ++step) {
    wait_for_copies<Tile::stages - 2>();
    __syncthreads();  // this step is there for all, and all have multiplied the step before
    stage_both(step + Tile::stages - 1);
    if (part < Tile::warps)
      multiply_step(sums, a_tile(step), a_tile(step) + Tile::elements, a.inner_is_contiguous,
                    b.inner_is_contiguous, part / 4 * Tile::warp_rows, part % 4 * Tile::warp_columns);
  }
  wait_for_copies<0>();
}

/// Like matmul_kernel. A block of eight warps has a part of the tile for each; a smaller one takes the parts
/// in turns.
template <class Out>
__global__ void __launch_bounds__(TensorCoreTile::most_threads)
    tensor_core_matmul_kernel(MatmulResult<bfloat16, Out> result, float* partial, MatmulOperand<bfloat16> a,
                              MatmulOperand<bfloat16> b, MatmulShape shape, MatmulPlan plan) {
  using Tile = TensorCoreTile;
  MEMSIZER_DYNAMIC_SHARED(EightNumbers, shared);
  const MatmulBlock<Tile> at(shape, plan);
  a.data += at.batch * shape.a_stride;
  b.data += at.batch * shape.b_stride;
  const int lane = static_cast<int>(threadIdx.x % warp_threads);
  for (int first = 0; first < Tile::warps; first += static_cast<int>(blockDim.x / warp_threads)) {
    const int part = first + static_cast<int>(threadIdx.x / warp_threads);
    TensorCoreSums sums = {};
    multiply_piece(sums, shared->number, a, b, at, part);
    if (part >= Tile::warps) continue;
    const Index first_row = at.first_row + part / 4 * Tile::warp_rows + lane / 4;
    const Index first_column = at.first_column + part % 4 * Tile::warp_columns + lane % 4 * 2;
    const bool in_pairs = partial == nullptr && result.takes_pairs();
    MEMSIZER_UNROLL
    for (int i = 0; i < Tile::row_products; ++i) MEMSIZER_UNROLL
    for (int j = 0; j < Tile::column_products; ++j) MEMSIZER_UNROLL
    for (int e = 0; e < 4; e += 2) {
      const Index row = first_row + i * 16 + e / 2 * 8, column = first_column + j * 8;
      if constexpr (std::is_same_v<Out, bfloat16>) {
        if (in_pairs && row < shape.rows && column + 1 < shape.columns) {
          result.write_pair(at.batch, row, column, sums[i][j][e], sums[i][j][e + 1]);
          continue;
        }
      }
      store_product(result, partial, at, shape, plan, row, column, sums[i][j][e]);
      store_product(result, partial, at, shape, plan, row, column + 1, sums[i][j][e + 1]);
    }
  }
}

template <class Out>
void launch_tensor_core_matmul(Context& context, const MatmulResult<bfloat16, Out>& result, float* partial,
                               const bfloat16* a, const bfloat16* b, const MatmulShape& shape,
                               const MatmulPlan& plan) {
  using Tile = TensorCoreTile;
  const auto aligned = [&](const bfloat16* data, Index leading, Index stride, Index contiguous) {
    return is_vector_place(data) && leading % 8 == 0 && stride % 8 == 0 && contiguous % 8 == 0;
  };
  MatmulOperand<bfloat16> left = left_operand(a, shape), right = right_operand(b, shape);
  left.aligned = aligned(a, shape.a_leading, shape.a_stride, shape.transpose_a ? shape.rows : shape.inner);
  right.aligned =
      aligned(b, shape.b_leading, shape.b_stride, shape.transpose_b ? shape.inner : shape.columns);
  launch(context,
         {.kernel = "tensor_core_matmul",
          .blocks = grid_extent("tensor_core_matmul", plan.blocks(shape)),
          .threads = threads_per_block(context, Tile::most_threads),
          .shared_bytes = 2 * Tile::stages * Tile::elements * sizeof(bfloat16),
          .most_threads = Tile::most_threads},
         tensor_core_matmul_kernel<Out>, result, partial, left, right, shape, plan);
}

}  // namespace memsizer::MEMSIZER_DEVICE
