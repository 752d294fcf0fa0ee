#pragma once
// The gradients of attention in tiles, the second rung after attention_backward.cuh, with the same formulas
// and the same two kernels: one owns queries and computes dQ, the other owns keys and computes dK and dV.

#include "kernels/attention_gradients.cuh"
#include "kernels/attention_tile.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The four queries that a warp owns, and their gradients so far.
template <class T, int strips>
struct OwnedQueries {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;

  const AttentionGradients<T>& gradients;
  const OwnedRows& rows;
  A *query, *dy, *dscores;  // in shared memory: [columns, 4], [columns, 4] and [32, 4]
  KeyRange seen[owned_rows];
  typename Tile::Sums sums = {};

  static constexpr int shared_numbers = 2 * Tile::owned_elements + Tile::factors;

  __device__ OwnedQueries(const AttentionGradients<T>& wanted, const OwnedRows& owned, A* shared)
      : gradients(wanted),
        rows(owned),
        query(shared),
        dy(query + Tile::owned_elements),
        dscores(dy + Tile::owned_elements) {
    const AttentionInputs<T>& in = wanted.in;
    Tile::stage_owned(query, in.query_row(owned.at, owned.first), in.shape.query_time_stride, owned.n,
                      in.shape.head_dim);
    Tile::stage_owned(dy, wanted.dy + in.output_offset(owned.at, owned.first), in.shape.output_time_stride,
                      owned.n, in.shape.head_dim);
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r)
      if (r < owned.n) seen[r] = in.shape.visible_keys(owned.at.batch, owned.first + r);
  }

  /// Adds dS K for a tile of keys and values, from key `first` on.
  __device__ void add(const A* keys, const A* values, Index first) {
    const Index lane = threadIdx.x % warp_threads, key = first + lane, dim = gradients.in.shape.head_dim;
    A scores[owned_rows], dweights[owned_rows];
    Tile::multiply(scores, query, keys, dim);
    Tile::multiply(dweights, dy, values, dim);
    unsigned sees[owned_rows];
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r) {
      const bool visible = key >= seen[r].begin && key < seen[r].end;
      sees[r] = __ballot_sync(all_lanes, visible);
      dscores[lane * owned_rows + r] =
          visible ? gradients.pair(rows.at, rows.first + r, key, scores[r], dweights[r]).dscore : A(0);
    }
    __syncwarp();
    Tile::add(sums, dscores, keys, sees);
  }
};

template <class T, int strips>
__global__ void attention_dquery_tiles_kernel(Output<T> dquery, AttentionGradients<T> gradients) {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;
  using Queries = OwnedQueries<T, strips>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionInputs<T>& in = gradients.in;
  const AttentionShape& shape = in.shape;
  const OwnedRows rows(shape, shape.queries);
  A *const keys = shared, *const values = keys + Tile::elements;
  Queries queries(gradients, rows,
                  values + Tile::elements + threadIdx.x / warp_threads * Queries::shared_numbers);
  for_each_tile(
      rows.visible_keys(shape),
      [&](Index first, Index n) { Tile::stage_keys_and_values(keys, values, in, rows.at, first, n); },
      [&](Index first) { queries.add(keys, values, first); });
  const A scale = static_cast<A>(shape.scale);
  Tile::write(dquery, queries.sums, {scale, scale, scale, scale}, rows.n, shape.head_dim,
              [&](int r) { return in.query_row(rows.at, rows.first + r) - in.query; });
}

/// The four keys and values that a warp owns, and their gradients so far.
template <class T, int strips>
struct OwnedKeys {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;

  const AttentionGradients<T>& gradients;
  const OwnedRows& rows;
  A *key, *value, *dscores, *weights;  // in shared memory: twice [columns, 4] and twice [32, 4]
  typename Tile::Sums key_sums = {}, value_sums = {};

  static constexpr int shared_numbers = 2 * (Tile::owned_elements + Tile::factors);

  __device__ OwnedKeys(const AttentionGradients<T>& wanted, const OwnedRows& owned, A* shared)
      : gradients(wanted),
        rows(owned),
        key(shared),
        value(key + Tile::owned_elements),
        dscores(value + Tile::owned_elements),
        weights(dscores + Tile::factors) {
    const AttentionInputs<T>& in = wanted.in;
    Tile::stage_owned(key, in.key_row(owned.at, owned.first), in.shape.key_time_stride, owned.n,
                      in.shape.head_dim);
    Tile::stage_owned(value, in.value_row(owned.at, owned.first), in.shape.value_time_stride, owned.n,
                      in.shape.head_dim);
  }

  /// Adds dS^T Q and (P mask)^T dY for a tile of queries and their dy, from query `first` to `end` at most.
  __device__ void add(const A* queries, const A* dys, Index first, Index end) {
    const AttentionShape& shape = gradients.in.shape;
    const Index lane = threadIdx.x % warp_threads, query = first + lane;
    A scores[owned_rows], dweights[owned_rows];
    Tile::multiply(scores, key, queries, shape.head_dim);
    Tile::multiply(dweights, value, dys, shape.head_dim);
    const KeyRange seen = query < end ? shape.visible_keys(rows.at.batch, query) : KeyRange{};
    unsigned sees[owned_rows];
    MEMSIZER_UNROLL
    for (int r = 0; r < owned_rows; ++r) {
      const Index own = rows.first + r;
      const bool visible = r < rows.n && own >= seen.begin && own < seen.end;
      sees[r] = __ballot_sync(all_lanes, visible);
      typename AttentionGradients<T>::Pair pair;
      if (visible) pair = gradients.pair(rows.at, query, own, scores[r], dweights[r]);
      dscores[lane * owned_rows + r] = pair.dscore;
      weights[lane * owned_rows + r] = pair.weight;
    }
    __syncwarp();
    Tile::add(key_sums, dscores, queries, sees);
    Tile::add(value_sums, weights, dys, sees);
  }
};

template <class T, int strips>
__global__ void attention_dkey_dvalue_tiles_kernel(Output<T> dkey, Output<T> dvalue,
                                                   AttentionGradients<T> gradients) {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;
  using Keys = OwnedKeys<T, strips>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionInputs<T>& in = gradients.in;
  const AttentionShape& shape = in.shape;
  const OwnedRows rows(shape, shape.keys);
  const Index dim = shape.head_dim;
  A *const queries = shared, *const dys = queries + Tile::elements;
  Keys keys(gradients, rows, dys + Tile::elements + threadIdx.x / warp_threads * Keys::shared_numbers);
  const KeyRange seeing =
      shape.queries_that_see(rows.at.batch, rows.block_first, rows.block_end - rows.block_first);
  for_each_tile(
      seeing,
      [&](Index first, Index n) {
        Tile::stage(queries, in.query_row(rows.at, first), shape.query_time_stride, n, dim);
        Tile::stage(dys, gradients.dy + in.output_offset(rows.at, first), shape.output_time_stride, n, dim);
      },
      [&](Index first) { keys.add(queries, dys, first, seeing.end); });
  const A scale = static_cast<A>(shape.scale);
  if (dkey)
    Tile::write(dkey, keys.key_sums, {scale, scale, scale, scale}, rows.n, dim,
                [&](int r) { return in.key_row(rows.at, rows.first + r) - in.key; });
  if (dvalue)
    Tile::write(dvalue, keys.value_sums, {A(1), A(1), A(1), A(1)}, rows.n, dim,
                [&](int r) { return in.value_row(rows.at, rows.first + r) - in.value; });
}

/// Launches the kernels for the gradients that are wanted. Returns false if the heads are too wide for tiles.
template <class T>
bool attention_gradients_in_tiles(Context& context, Output<T> dquery, Output<T> dkey, Output<T> dvalue,
                                  const AttentionGradients<T>& gradients) {
  using A = Accumulate<T>;
  const AttentionShape& shape = gradients.in.shape;
  const Index heads = shape.batch * shape.heads;
  return with_strips(shape.head_dim, [&]<int strips>(std::integral_constant<int, strips>) {
    using Tile = AttentionTile<A, strips>;
    if (dquery && heads * shape.queries > 0)
      launch(context,
             tile_launch<A>(context, "attention_dquery", heads, shape.queries, 2 * Tile::elements,
                            OwnedQueries<T, strips>::shared_numbers),
             attention_dquery_tiles_kernel<T, strips>, dquery, gradients);
    if ((dkey || dvalue) && heads * shape.keys > 0)
      launch(context,
             tile_launch<A>(context, "attention_dkey_dvalue", heads, shape.keys, 2 * Tile::elements,
                            OwnedKeys<T, strips>::shared_numbers),
             attention_dkey_dvalue_tiles_kernel<T, strips>, dkey, dvalue, gradients);
  });
}

}  // namespace memsizer::MEMSIZER_DEVICE
