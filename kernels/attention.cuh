#pragma once
// Scaled dot-product attention. It takes 32 keys at a time and keeps a running maximum and sum of a query's
// weights (Milakov and Gimelshein 2018).

#include "kernels/attention_tiles.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// Each warp has one query.
template <class T>
__global__ void attention_kernel(T* y, Accumulate<T>* log_sum_exp, AttentionInputs<T> in) {
  using A = Accumulate<T>;
  MEMSIZER_DYNAMIC_SHARED(A, shared);
  const AttentionShape& shape = in.shape;
  const Index number = WarpPerRow::row(), lane = WarpPerRow::first(), dim = shape.head_dim;
  if (number >= shape.batch * shape.heads * shape.queries) return;
  const AttentionHead at(shape, number / shape.queries);
  const Index query = number % shape.queries;
  A* const weights = of_warp(shared, warp_threads + dim);  // the weights of 32 keys
  A* const sums = weights + warp_threads;                  // the sums of the columns
  for (Index c = lane; c < dim; c += warp_threads) sums[c] = 0;

  const A unseen = -static_cast<A>(INFINITY);
  A maximum = unseen, sum = 0;  // the sum is that of the lane's own keys
  const KeyRange seen = shape.visible_keys(at.batch, query);
  for (Index first = seen.begin; first < seen.end; first += warp_threads) {
    const Index key = first + lane, left = seen.end - first;
    const bool real = key < seen.end;
    const A score = real ? in.score(at, query, key) : unseen;
    const A before = maximum;
    maximum = Maximum()(before, combine_lanes(score, Maximum()));
    // If every score so far is -infinity, the weights are computed relative to 0, so that they are 0 and not
    // NaN.
    const A base = maximum == unseen ? A(0) : maximum, shrink = std::exp(before - base);
    const A weight = std::exp(score - base);
    sum = shrink * sum + weight;
    __syncwarp();  // lanes may still read the weights before
    weights[lane] = real ? weight * in.kept(at, query, key) : A(0);
    __syncwarp();
    add_rows(sums, shrink, weights, in.value_row(at, first), shape.value_time_stride,
             left < warp_threads ? left : Index{warp_threads}, dim);
  }
  sum = combine_lanes(sum, Sum());
  const A factor = maximum == unseen ? A(0) : 1 / sum;
  for (Index c = lane; c < dim; c += warp_threads)
    y[in.output_offset(at, query) + c] = static_cast<T>(sums[c] * factor);
  if (log_sum_exp != nullptr && lane == 0) log_sum_exp[number] = maximum + std::log(sum);
}

template <class T>
void attention(Context& context, T* y, Accumulate<T>* log_sum_exp, const T* query, const T* key,
               const T* value, const T* bias, const AttentionShape& shape, const Dropout& dropout) {
  const Index rows = shape.batch * shape.heads * shape.queries;
  if (rows == 0) return;
  const AttentionInputs<T> in{query, key, value, bias, shape, DropoutMask(dropout)};
  if (attention_in_tiles(context, y, log_sum_exp, in)) return;
  launch(context, attention_launch<Accumulate<T>>(context, "attention", rows, warp_threads + shape.head_dim),
         attention_kernel<T>, y, log_sum_exp, in);
}

}  // namespace memsizer::MEMSIZER_DEVICE
