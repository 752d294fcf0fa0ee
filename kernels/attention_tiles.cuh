#pragma once
// Scaled dot-product attention in tiles, the second rung after attention.cuh: 32 queries of a block share
// each tile of 32 keys and values.

#include "kernels/attention_tile.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The running softmax of a query, with the same numbers in each lane but the sum, which is the lane's own.
template <class A>
struct RunningSoftmax {
  A maximum = -static_cast<A>(INFINITY), sum = 0;
  A shrink = 1;  // what earlier sums are multiplied by, after the last add()

  /// Adds the lane's score. Returns its weight relative to the maximum. All lanes call this.
  __device__ A add(A score) {
    const A before = maximum;
    maximum = Maximum()(before, combine_lanes(score, Maximum()));
    // If every score so far is -infinity, the weights are relative to 0, so that they are 0 and not NaN.
    const A base = maximum == -static_cast<A>(INFINITY) ? A(0) : maximum;
    shrink = std::exp(before - base);
    const A weight = std::exp(score - base);
    sum = shrink * sum + weight;
    return weight;
  }
};

/// The four queries of a warp and what they have added up so far.
template <class T, int strips>
struct AttendingQueries {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;

  const AttentionInputs<T>& in;
  const OwnedRows& rows;
  KeyRange seen[owned_rows];
  RunningSoftmax<A> softmax[owned_rows];
  typename Tile::Sums sums = {};

  __device__ AttendingQueries(const AttentionInputs<T>& in, const OwnedRows& rows) : in(in), rows(rows) {
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r)
      if (r < rows.n) seen[r] = in.shape.visible_keys(rows.at.batch, rows.first + r);
  }

  /// Adds a tile of keys, from key `first` on, and their values. `weights` is the warp's memory [32, 4].
  __device__ void add(const A* own, const A* keys, const A* values, A* weights, Index first) {
    const Index lane = threadIdx.x % warp_threads, key = first + lane;
    A scores[owned_rows];
    Tile::multiply(scores, own, keys, in.shape.head_dim);
    unsigned sees[owned_rows];
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r) {
      const Index query = rows.first + r;
      const bool visible = key >= seen[r].begin && key < seen[r].end;
      sees[r] = __ballot_sync(all_lanes, visible);
      const A weight = softmax[r].add(visible ? static_cast<A>(in.shape.scale) * scores[r] +
                                                    in.bias_of(rows.at, query, key)
                                              : -static_cast<A>(INFINITY));
      weights[lane * owned_rows + r] = visible ? weight * in.kept(rows.at, query, key) : A(0);
      MEMSIZER_UNROLL
      for (int strip = 0; strip < strips; ++strip) sums[r * strips + strip] *= softmax[r].shrink;
    }
    __syncwarp();
    Tile::add(sums, weights, values, sees);
  }

  __device__ void write(T* y, A* log_sum_exp) {
    A factors[owned_rows];
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r) {
      const A sum = combine_lanes(softmax[r].sum, Sum()), maximum = softmax[r].maximum;
      factors[r] = maximum == -static_cast<A>(INFINITY) ? A(0) : 1 / sum;
      if (log_sum_exp != nullptr && r < rows.n && threadIdx.x % warp_threads == 0)
        log_sum_exp[in.shape.query_number(rows.at.batch, rows.at.head, rows.first + r)] =
            maximum + std::log(sum);
    }
    Tile::write(Output<T>{y}, sums, factors, rows.n, in.shape.head_dim,
                [&](int r) { return in.output_offset(rows.at, rows.first + r); });
  }
};

template <class T, int strips>
__global__ void attention_tiles_kernel(T* y, Accumulate<T>* log_sum_exp, AttentionInputs<T> in) {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionShape& shape = in.shape;
  const OwnedRows rows(shape, shape.queries);
  A *const keys = shared, *const values = keys + Tile::elements;
  A* const own =
      values + Tile::elements + threadIdx.x / warp_threads * (Tile::owned_elements + Tile::factors);
  Tile::stage_owned(own, in.query_row(rows.at, rows.first), shape.query_time_stride, rows.n, shape.head_dim);
  AttendingQueries<T, strips> queries(in, rows);
  const KeyRange seen = rows.visible_keys(shape);
  for (Index first = seen.begin; first < seen.end; first += warp_threads) {
    const Index left = seen.end - first;
    __syncthreads();  // warps may still read the tiles before
    Tile::stage(keys, in.key_row(rows.at, first), shape.key_time_stride, left, shape.head_dim);
    Tile::stage(values, in.value_row(rows.at, first), shape.value_time_stride, left, shape.head_dim);
    __syncthreads();
    queries.add(own, keys, values, own + Tile::owned_elements, first);
  }
  queries.write(y, log_sum_exp);
}

/// Returns false if the heads are too wide for tiles.
template <class T>
bool attention_in_tiles(Context& context, T* y, Accumulate<T>* log_sum_exp, const AttentionInputs<T>& in) {
  using A = Accumulate<T>;
  const AttentionShape& shape = in.shape;
  return with_strips(shape.head_dim, [&]<int strips>(std::integral_constant<int, strips>) {
    using Tile = AttentionTile<A, strips>;
    launch(context,
           tile_launch<A>(context, "attention", shape.batch * shape.heads, shape.queries, 2 * Tile::elements,
                          Tile::owned_elements + Tile::factors),
           attention_tiles_kernel<T, strips>, y, log_sum_exp, in);
  });
}

}  // namespace memsizer::MEMSIZER_DEVICE
