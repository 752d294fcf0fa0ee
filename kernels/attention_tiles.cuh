#pragma once
// Scaled dot-product attention in tiles, the second rung after attention.cuh: 32 queries of a block share
// each tile of 32 keys and values.

#include "kernels/attention_tile.cuh"

namespace memsizer::MEMSIZER_DEVICE {

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

  __device__ AttendingQueries(const AttentionInputs<T>& inputs, const OwnedRows& owned)
      : in(inputs), rows(owned) {
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r)
      if (r < owned.n) seen[r] = inputs.shape.visible_keys(owned.at.batch, owned.first + r);
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
      const A weight =
          softmax[r].add(visible ? in.score(rows.at, query, key, scores[r]) : -static_cast<A>(INFINITY));
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
      softmax[r].finish();
      factors[r] = softmax[r].factor();
      if (log_sum_exp != nullptr && r < rows.n && threadIdx.x % warp_threads == 0)
        log_sum_exp[in.shape.query_number(rows.at.batch, rows.at.head, rows.first + r)] =
            softmax[r].log_sum_exp();
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
  for_each_tile(
      rows.visible_keys(shape),
      [&](Index first, Index n) { Tile::stage_keys_and_values(keys, values, in, rows.at, first, n); },
      [&](Index first) { queries.add(own, keys, values, own + Tile::owned_elements, first); });
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
