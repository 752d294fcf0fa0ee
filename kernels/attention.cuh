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

  RunningSoftmax<A> softmax;
  const KeyRange seen = shape.visible_keys(at.batch, query);
  for (Index first = seen.begin; first < seen.end; first += warp_threads) {
    const Index key = first + lane, left = seen.end - first;
    const bool real = key < seen.end;
    const A weight = softmax.add(real ? in.score(at, query, key) : -static_cast<A>(INFINITY));
    __syncwarp();  // lanes may still read the weights before
    weights[lane] = real ? weight * in.kept(at, query, key) : A(0);
    __syncwarp();
    add_rows(sums, softmax.shrink, weights, in.value_row(at, first), shape.value_time_stride,
             left < warp_threads ? left : Index{warp_threads}, dim);
  }
  softmax.finish();
  for (Index c = lane; c < dim; c += warp_threads)
    y[in.output_offset(at, query) + c] = static_cast<T>(sums[c] * softmax.factor());
  if (log_sum_exp != nullptr && lane == 0) log_sum_exp[number] = softmax.log_sum_exp();
}

template <class T>
void attention(Context& context, T* y, Accumulate<T>* log_sum_exp, const T* query, const T* key,
               const T* value, const T* bias, const AttentionShape& shape, const Dropout& dropout) {
  const Index rows = shape.batch * shape.heads * shape.queries;
  if (rows == 0) return;
  const AttentionInputs<T> in{query, key, value, bias, shape, DropoutMask(dropout)};
  if (context.climbs_to(2) && attention_in_tiles(context, y, log_sum_exp, in)) return;
  launch(context, attention_launch<Accumulate<T>>(context, "attention", rows, warp_threads + shape.head_dim),
         attention_kernel<T>, y, log_sum_exp, in);
}

}  // namespace memsizer::MEMSIZER_DEVICE
