#pragma once
// The common part of attention's kernels in tiles. A warp owns four rows, queries or keys. The block takes 32
// rows of the other side at a time to shared memory, one for each lane, so each number that is read from
// there serves four products. The sums of the owned rows stay in registers.

#include "kernels/attention_head.cuh"

namespace memsizer::MEMSIZER_DEVICE {

inline constexpr int owned_rows = 4;

/// `strips` times 32 columns hold a head.
template <class A, int strips>
struct AttentionTile {
  static constexpr int columns = strips * static_cast<int>(warp_threads);
  static constexpr int stride = columns + 1;  // odd, so the lanes' rows lie in different banks
  static constexpr int elements = static_cast<int>(warp_threads) * stride;
  static constexpr int owned_elements = columns * owned_rows;
  static constexpr int factors = static_cast<int>(warp_threads) * owned_rows;

  /// tile[i] = row i of the first 32 of n rows, `row_stride` apart, with zeros beyond n and beyond dim. All
  /// warps.
  template <class T>
  static __device__ void stage(A* tile, const T* rows, Index row_stride, Index n, Index dim) {
    const int lane = static_cast<int>(threadIdx.x % warp_threads);
    for (int i = static_cast<int>(threadIdx.x / warp_threads); i < static_cast<int>(warp_threads);
         i += static_cast<int>(blockDim.x / warp_threads))
      for (int c = lane; c < columns; c += static_cast<int>(warp_threads))
        tile[i * stride + c] = i < n && c < dim ? static_cast<A>(rows[i * row_stride + c]) : A(0);
  }

  /// The first 32 of n keys from `first` on, and their values. All warps.
  template <class T>
  static __device__ void stage_keys_and_values(A* keys, A* values, const AttentionInputs<T>& in,
                                               const AttentionHead& at, Index first, Index n) {
    stage(keys, in.key_row(at, first), in.shape.key_time_stride, n, in.shape.head_dim);
    stage(values, in.value_row(at, first), in.shape.value_time_stride, n, in.shape.head_dim);
  }

  /// The n <= 4 rows of the calling warp, [columns, 4].
  template <class T>
  static __device__ void stage_owned(A* own, const T* rows, Index row_stride, Index n, Index dim) {
    for (int c = static_cast<int>(threadIdx.x % warp_threads); c < columns;
         c += static_cast<int>(warp_threads))
      for (int r = 0; r < owned_rows; ++r)
        own[c * owned_rows + r] = r < n && c < dim ? static_cast<A>(rows[r * row_stride + c]) : A(0);
  }

  /// products[r] = owned row r . the lane's row of the tile
  static __device__ void multiply(A (&products)[owned_rows], const A* own, const A* tile, Index dim) {
    const A* const row = tile + threadIdx.x % warp_threads * stride;
    for (int r = 0; r < owned_rows; ++r) products[r] = 0;
    for (int c = 0; c < dim; ++c)
      MEMSIZER_UNROLL for (int r = 0; r < owned_rows; ++r) products[r] += own[c * owned_rows + r] * row[c];
  }

  /// The sums of the owned rows over the tile's rows: sums[r, strip] of the lane's column in each strip.
  using Sums = A[owned_rows * strips];

  /// sums[r] += weights[i, r] * row i of the tile, over the rows i that bit i of seen[r] names. An unseen row
  /// may hold NaN, which must not reach the sums.
  static __device__ void add(Sums& sums, const A* weights, const A* tile,
                             const unsigned (&seen)[owned_rows]) {
    const int lane = static_cast<int>(threadIdx.x % warp_threads);
    const bool all = (seen[0] & seen[1] & seen[2] & seen[3]) == all_lanes;
    for (int i = 0; i < static_cast<int>(warp_threads); ++i)
      MEMSIZER_UNROLL for (int strip = 0; strip < strips; ++strip) {
        const A x = tile[i * stride + strip * static_cast<int>(warp_threads) + lane];
        MEMSIZER_UNROLL for (int r = 0; r < owned_rows; ++r) if (all || (seen[r] >> i & 1) != 0)
            sums[r * strips + strip] += weights[i * owned_rows + r] * x;
      }
  }

  /// output[offset(r) + column] (+)= scale[r] * sums[r], for n owned rows.
  template <class T, class OffsetOf>
  static __device__ void write(const Output<T>& output, const Sums& sums, const A (&scales)[owned_rows],
                               Index n, Index dim, const OffsetOf& offset_of) {
    MEMSIZER_UNROLL for (int r = 0; r < owned_rows; ++r)
        MEMSIZER_UNROLL for (int strip = 0; strip < strips; ++strip) {
      const Index column = static_cast<unsigned>(strip) * warp_threads + threadIdx.x % warp_threads;
      if (r < n && column < dim)
        contribute(output, offset_of(r) + column, scales[r] * sums[r * strips + strip]);
    }
  }
};

/// The rows that a block's warps own: four neighbours each, of one head.
struct OwnedRows {
  AttentionHead at;
  Index block_first, block_end;  // of the block
  Index first, n;                // of the warp; n may be 0

  __device__ OwnedRows(const AttentionShape& shape, Index rows)
      : at(shape, blockIdx.x / blocks_a_head(rows)) {
    block_first = blockIdx.x % blocks_a_head(rows) * a_block();
    block_end = block_first + a_block() < rows ? block_first + a_block() : rows;
    first = block_first + threadIdx.x / warp_threads * owned_rows;
    n = block_end - first < owned_rows ? block_end - first : Index{owned_rows};
    if (n < 0) n = 0;
  }

  /// The keys that any of the block's queries sees, if the rows are queries.
  __device__ KeyRange visible_keys(const AttentionShape& shape) const {
    return {shape.visible_keys(at.batch, block_first).begin, shape.visible_keys(at.batch, block_end - 1).end};
  }

 private:
  static __device__ Index a_block() { return blockDim.x / warp_threads * owned_rows; }
  static __device__ Index blocks_a_head(Index rows) { return divide_up(rows, a_block()); }
};

/// Calls stage(first, rows left) and then body(first) for each 32 rows of a range. Barriers separate what
/// stage brings to shared memory from what body reads. All threads of the block call this.
template <class Stage, class Body>
__device__ void for_each_tile(const KeyRange& range, const Stage& stage, const Body& body) {
  for (Index first = range.begin; first < range.end; first += warp_threads) {
    __syncthreads();  // warps may still read the tile before
    stage(first, range.end - first);
    __syncthreads();
    body(first);
  }
}

/// The launch of a kernel whose blocks own `rows` rows of each head, with `block_numbers` elements of shared
/// memory and `warp_numbers` more for each warp.
template <class A>
LaunchShape tile_launch(Context& context, const char* kernel, Index heads, Index rows, int block_numbers,
                        int warp_numbers) {
  const unsigned threads = threads_per_block(context, 256), warps = threads / warp_threads;
  return {.kernel = kernel,
          .blocks = grid_extent(kernel, heads * divide_up(rows, Index{warps} * owned_rows)),
          .threads = threads,
          .shared_bytes =
              (static_cast<std::size_t>(block_numbers) + warps * static_cast<std::size_t>(warp_numbers)) *
              sizeof(A)};
}

/// Calls body(std::integral_constant<int, strips>) with the strips of 32 columns that hold a head. Returns
/// false for wider heads, which the kernels without tiles compute.
template <class Body>
bool with_strips(Index head_dim, const Body& body) {
  if (head_dim > 128) return false;
  if (head_dim > 64)
    body(std::integral_constant<int, 4>());
  else if (head_dim > 32)
    body(std::integral_constant<int, 2>());
  else
    body(std::integral_constant<int, 1>());
  return true;
}

}  // namespace memsizer::MEMSIZER_DEVICE
