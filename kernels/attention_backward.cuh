#pragma once
// The gradients of attention. The weights are computed again, with the saved logarithms of their sums (Dao et
// al. 2022):
//   P = exp(S - log sum),  dV = (P mask)^T dY,  dS = P (dY V^T mask - delta),  delta_i = dy_i . y_i,
//   dQ = scale dS K,  dK = scale dS^T Q,  dbias at a distance = the sum of dS there
// One kernel has a warp for each query and computes dQ and the query's part of dbias. Another has a warp for
// each key and computes dK and dV. Each computes the weights itself, so that no two blocks add to one sum.

#include "kernels/attention_gradient_tiles.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// Adds the gradients of n scores, from key `first` on, to the query's row of entries. Only one lane adds to
/// an entry.
template <class A>
__device__ void add_to_bias(A* row, const A* dscores, Index position, Index first, Index n,
                            const DistanceBiasShape& bias) {
  for (Index i = 0; i < n; ++i) {
    const Index distance = position - (first + i), entry = bias.entry(distance);
    if (entry % warp_threads == threadIdx.x % warp_threads)
      row[entry] += dscores[i] * static_cast<A>(bias.factor(distance));
  }
}

/// Each warp has one query. bias_rows [batch, heads, queries, entries] receives each query's part of dbias;
/// null: it is not wanted.
template <class T>
__global__ void attention_dquery_kernel(Output<T> dquery, Accumulate<T>* bias_rows,
                                        AttentionGradients<T> gradients) {
  using A = Accumulate<T>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionInputs<T>& in = gradients.in;
  const AttentionShape& shape = in.shape;
  const Index number = WarpPerRow::row(), lane = WarpPerRow::first(), dim = shape.head_dim;
  if (number >= shape.batch * shape.heads * shape.queries) return;
  const AttentionHead at(shape, number / shape.queries);
  const Index query = number % shape.queries, entries = shape.bias.entries;
  A* const dscores = of_warp(shared, warp_threads + dim);  // of 32 keys
  A* const sums = dscores + warp_threads;                  // of the columns
  A* const bias_row = bias_rows == nullptr ? nullptr : bias_rows + number * entries;
  for (Index c = lane; c < dim; c += warp_threads) sums[c] = 0;
  for (Index e = lane; bias_row != nullptr && e < entries; e += warp_threads) bias_row[e] = 0;

  const KeyRange seen = shape.visible_keys(at.batch, query);
  for (Index first = seen.begin; first < seen.end; first += warp_threads) {
    const Index key = first + lane, left = seen.end - first,
                n = left < warp_threads ? left : Index{warp_threads};
    __syncwarp();  // lanes may still read the gradients before
    dscores[lane] = key < seen.end ? gradients.pair(at, query, key).dscore : A(0);
    __syncwarp();
    add_rows(sums, A(1), dscores, in.key_row(at, first), shape.key_time_stride, n, dim);
    if (bias_row != nullptr)
      add_to_bias(bias_row, dscores, shape.position(at.batch, query), first, n, shape.bias);
  }
  if (!dquery) return;
  const Index offset = in.query_row(at, query) - in.query;
  for (Index c = lane; c < dim; c += warp_threads)
    contribute(dquery, offset + c, static_cast<A>(shape.scale) * sums[c]);
}

/// Each warp has one key.
template <class T>
__global__ void attention_dkey_dvalue_kernel(Output<T> dkey, Output<T> dvalue,
                                             AttentionGradients<T> gradients) {
  using A = Accumulate<T>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionInputs<T>& in = gradients.in;
  const AttentionShape& shape = in.shape;
  const Index number = WarpPerRow::row(), lane = WarpPerRow::first(), dim = shape.head_dim;
  if (number >= shape.batch * shape.heads * shape.keys) return;
  const AttentionHead at(shape, number / shape.keys);
  const Index key = number % shape.keys;
  A* const weights = of_warp(shared, 2 * (warp_threads + dim));  // of 32 queries
  A* const dscores = weights + warp_threads;
  A *const key_sums = dscores + warp_threads, *const value_sums = key_sums + dim;  // of the columns
  for (Index c = lane; c < dim; c += warp_threads) key_sums[c] = value_sums[c] = 0;

  const KeyRange seeing = shape.queries_that_see(at.batch, key, 1);
  for (Index first = seeing.begin; first < seeing.end; first += warp_threads) {
    const Index query = first + lane, left = seeing.end - first,
                n = left < warp_threads ? left : Index{warp_threads};
    typename AttentionGradients<T>::Pair pair;
    if (query < seeing.end) {
      const KeyRange seen = shape.visible_keys(at.batch, query);
      if (key >= seen.begin && key < seen.end) pair = gradients.pair(at, query, key);
    }
    __syncwarp();  // lanes may still read the numbers before
    weights[lane] = pair.weight;
    dscores[lane] = pair.dscore;
    __syncwarp();
    add_rows(key_sums, A(1), dscores, in.query_row(at, first), shape.query_time_stride, n, dim);
    add_rows(value_sums, A(1), weights, gradients.dy + in.output_offset(at, first), shape.output_time_stride,
             n, dim);
  }
  const Index key_offset = in.key_row(at, key) - in.key, value_offset = in.value_row(at, key) - in.value;
  for (Index c = lane; c < dim; c += warp_threads) {
    if (dkey) contribute(dkey, key_offset + c, static_cast<A>(shape.scale) * key_sums[c]);
    if (dvalue) contribute(dvalue, value_offset + c, value_sums[c]);
  }
}

/// dbias (+)= the sums of bias_rows over the queries that share a row of the bias. Each warp has one number
/// of the bias.
template <class T>
__global__ void attention_dbias_kernel(Output<Accumulate<T>> dbias, const Accumulate<T>* bias_rows,
                                       AttentionShape shape) {
  const Index number = WarpPerRow::row(), lane = WarpPerRow::first();
  if (number >= shape.bias_size()) return;
  const Index entries = shape.bias.entries, row = number / entries, entry = number % entries;
  const Index sharing = shape.bias.row_a_query ? 1 : shape.batch * shape.queries;
  Accumulate<T> sum = 0;
  for (Index i = lane; i < sharing; i += warp_threads) {
    const Index query =
        shape.bias.row_a_query ? row : shape.query_number(i / shape.queries, row, i % shape.queries);
    sum += bias_rows[query * entries + entry];
  }
  sum = combine_lanes(sum, Sum());
  if (lane == 0) contribute(dbias, number, sum);
}

template <class T>
void attention_backward(Context& context, Output<T> dquery, Output<T> dkey, Output<T> dvalue,
                        Output<Accumulate<T>> dbias, const T* dy, const T* y,
                        const Accumulate<T>* log_sum_exp, const T* query, const T* key, const T* value,
                        const T* bias, const AttentionShape& shape, const Dropout& dropout) {
  using A = Accumulate<T>;
  const Index heads = shape.batch * shape.heads, rows = heads * shape.queries, dim = shape.head_dim;
  A* const deltas = workspace<A>(context, rows + (dbias ? rows * shape.bias.entries : 0));
  A* const bias_rows = dbias ? deltas + rows : nullptr;
  const AttentionGradients<T> gradients{
      {query, key, value, bias, shape, DropoutMask(dropout)}, dy, y, log_sum_exp, deltas};
  launch_elements(context, "attention_deltas", rows, attention_deltas_kernel<T>, gradients, rows);
  if (!dbias && context.climbs_to(2) &&
      attention_gradients_in_tiles(context, dquery, dkey, dvalue, gradients))
    return;
  if ((dquery || dbias) && rows > 0)
    launch(context, attention_launch<A>(context, "attention_dquery", rows, warp_threads + dim),
           attention_dquery_kernel<T>, dquery, bias_rows, gradients);
  if ((dkey || dvalue) && heads * shape.keys > 0)
    launch(
        context,
        attention_launch<A>(context, "attention_dkey_dvalue", heads * shape.keys, 2 * (warp_threads + dim)),
        attention_dkey_dvalue_kernel<T>, dkey, dvalue, gradients);
  if (dbias && shape.bias_size() > 0)
    launch(context, warp_a_row(context, "attention_dbias", shape.bias_size()), attention_dbias_kernel<T>,
           dbias, bias_rows, shape);
}

}  // namespace memsizer::MEMSIZER_DEVICE
