#pragma once
// The gradients of attention in tiles, the second rung after attention_backward.cuh, with the same formulas
// and the same two kernels: one owns queries and computes dQ, the other owns keys and computes dK and dV.

#include "kernels/attention_gradients.cuh"
#include "kernels/attention_tile.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// What a lane computes for its pairs with the four owned rows, and which lanes see which row.
template <class A>
struct OwnedPairs {
  A scores[owned_rows], dweights[owned_rows];
  unsigned sees[owned_rows];
};

template <class T, int strips>
__global__ void attention_dquery_tiles_kernel(Output<T> dquery, AttentionGradients<T> gradients) {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionInputs<T>& in = gradients.in;
  const AttentionShape& shape = in.shape;
  const OwnedRows rows(shape, shape.queries);
  const AttentionHead& at = rows.at;
  const Index dim = shape.head_dim, lane = threadIdx.x % warp_threads;
  A *const keys = shared, *const values = keys + Tile::elements;
  A* const own_query =
      values + Tile::elements + threadIdx.x / warp_threads * (2 * Tile::owned_elements + Tile::factors);
  A *const own_dy = own_query + Tile::owned_elements, *const dscores = own_dy + Tile::owned_elements;
  Tile::stage_owned(own_query, in.query_row(at, rows.first), shape.query_time_stride, rows.n, dim);
  Tile::stage_owned(own_dy, gradients.dy + in.output_offset(at, rows.first), shape.output_time_stride, rows.n,
                    dim);

  typename Tile::Sums sums = {};
  KeyRange seen[owned_rows];
  MEMSIZER_UNROLL for (int r = 0; r < owned_rows; ++r) if (r < rows.n) seen[r] =
      shape.visible_keys(at.batch, rows.first + r);
  const Index begin = shape.visible_keys(at.batch, rows.block_first).begin,
              end = shape.visible_keys(at.batch, rows.block_end - 1).end;
  for (Index first = begin; first < end; first += warp_threads) {
    const Index left = end - first, key = first + lane;
    __syncthreads();  // warps may still read the tiles before
    Tile::stage(keys, in.key_row(at, first), shape.key_time_stride, left, dim);
    Tile::stage(values, in.value_row(at, first), shape.value_time_stride, left, dim);
    __syncthreads();
    OwnedPairs<A> pairs;
    Tile::multiply(pairs.scores, own_query, keys, dim);
    Tile::multiply(pairs.dweights, own_dy, values, dim);
    MEMSIZER_UNROLL for (int r = 0; r < owned_rows; ++r) {
      const bool visible = key >= seen[r].begin && key < seen[r].end;
      pairs.sees[r] = __ballot_sync(all_lanes, visible);
      dscores[lane * owned_rows + r] =
          visible ? gradients.pair(at, rows.first + r, key, pairs.scores[r], pairs.dweights[r]).dscore : A(0);
    }
    __syncwarp();
    Tile::add(sums, dscores, keys, pairs.sees);
  }
  const A scale = static_cast<A>(shape.scale);
  Tile::write(dquery, sums, {scale, scale, scale, scale}, rows.n, dim,
              [&](int r) { return in.query_row(at, rows.first + r) - in.query; });
}

template <class T, int strips>
__global__ void attention_dkey_dvalue_tiles_kernel(Output<T> dkey, Output<T> dvalue,
                                                   AttentionGradients<T> gradients) {
  using A = Accumulate<T>;
  using Tile = AttentionTile<A, strips>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionInputs<T>& in = gradients.in;
  const AttentionShape& shape = in.shape;
  const OwnedRows rows(shape, shape.keys);
  const AttentionHead& at = rows.at;
  const Index dim = shape.head_dim, lane = threadIdx.x % warp_threads;
  A *const queries = shared, *const dys = queries + Tile::elements;
  A* const own_key =
      dys + Tile::elements + threadIdx.x / warp_threads * 2 * (Tile::owned_elements + Tile::factors);
  A *const own_value = own_key + Tile::owned_elements, *const dscores = own_value + Tile::owned_elements,
           *const weights = dscores + Tile::factors;
  Tile::stage_owned(own_key, in.key_row(at, rows.first), shape.key_time_stride, rows.n, dim);
  Tile::stage_owned(own_value, in.value_row(at, rows.first), shape.value_time_stride, rows.n, dim);

  typename Tile::Sums key_sums = {}, value_sums = {};
  const KeyRange seeing =
      shape.queries_that_see(at.batch, rows.block_first, rows.block_end - rows.block_first);
  for (Index first = seeing.begin; first < seeing.end; first += warp_threads) {
    const Index left = seeing.end - first, query = first + lane;
    __syncthreads();  // warps may still read the tiles before
    Tile::stage(queries, in.query_row(at, first), shape.query_time_stride, left, dim);
    Tile::stage(dys, gradients.dy + in.output_offset(at, first), shape.output_time_stride, left, dim);
    __syncthreads();
    OwnedPairs<A> pairs;
    Tile::multiply(pairs.scores, own_key, queries, dim);
    Tile::multiply(pairs.dweights, own_value, dys, dim);
    const KeyRange seen = query < seeing.end ? shape.visible_keys(at.batch, query) : KeyRange{};
    MEMSIZER_UNROLL for (int r = 0; r < owned_rows; ++r) {
      const Index key = rows.first + r;
      const bool visible = r < rows.n && key >= seen.begin && key < seen.end;
      pairs.sees[r] = __ballot_sync(all_lanes, visible);
      typename AttentionGradients<T>::Pair pair;
      if (visible) pair = gradients.pair(at, query, key, pairs.scores[r], pairs.dweights[r]);
      dscores[lane * owned_rows + r] = pair.dscore;
      weights[lane * owned_rows + r] = pair.weight;
    }
    __syncwarp();
    Tile::add(key_sums, dscores, queries, pairs.sees);
    Tile::add(value_sums, weights, dys, pairs.sees);
  }
  const A scale = static_cast<A>(shape.scale);
  if (dkey)
    Tile::write(dkey, key_sums, {scale, scale, scale, scale}, rows.n, dim,
                [&](int r) { return in.key_row(at, rows.first + r) - in.key; });
  if (dvalue)
    Tile::write(dvalue, value_sums, {A(1), A(1), A(1), A(1)}, rows.n, dim,
                [&](int r) { return in.value_row(at, rows.first + r) - in.value; });
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
                            2 * Tile::owned_elements + Tile::factors),
             attention_dquery_tiles_kernel<T, strips>, dquery, gradients);
    if ((dkey || dvalue) && heads * shape.keys > 0)
      launch(context,
             tile_launch<A>(context, "attention_dkey_dvalue", heads, shape.keys, 2 * Tile::elements,
                            2 * (Tile::owned_elements + Tile::factors)),
             attention_dkey_dvalue_tiles_kernel<T, strips>, dkey, dvalue, gradients);
  });
}

}  // namespace memsizer::MEMSIZER_DEVICE
