#pragma once
// The common part of attention's kernels. They are written to be simple. A warp has one query (for the
// gradients of keys and values, one key). It takes 32 keys (queries) at a time, one for each lane, and puts
// their numbers, such as weights, in shared memory. Then each lane adds up its own columns of the result. So
// each sum has one owner and one order.

#include "kernels/dropout_mask.cuh"
#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// One head of one row of the batch.
struct AttentionHead {
  Index batch, head;

  __device__ AttentionHead(const AttentionShape& shape, Index number)
      : batch(number / shape.heads), head(number % shape.heads) {}
};

/// The inputs of the forward pass.
template <class T>
struct AttentionInputs {
  using A = Accumulate<T>;

  const T *query, *key, *value;
  const T* bias;  // null: no bias
  AttentionShape shape;
  DropoutMask mask;

  __device__ const T* query_row(const AttentionHead& at, Index i) const {
    return query + at.batch * shape.query_batch_stride + i * shape.query_time_stride +
           at.head * shape.head_dim;
  }
  __device__ const T* key_row(const AttentionHead& at, Index j) const {
    return key + at.batch * shape.key_batch_stride + j * shape.key_time_stride + at.head * shape.head_dim;
  }
  __device__ const T* value_row(const AttentionHead& at, Index j) const {
    return value + at.batch * shape.value_batch_stride + j * shape.value_time_stride +
           at.head * shape.head_dim;
  }
  __device__ Index output_offset(const AttentionHead& at, Index i) const {
    return at.batch * shape.output_batch_stride + i * shape.output_time_stride + at.head * shape.head_dim;
  }

  __device__ A dot(const T* x, const T* y) const {
    A sum = 0;
    for (Index i = 0; i < shape.head_dim; ++i) sum += static_cast<A>(x[i]) * static_cast<A>(y[i]);
    return sum;
  }

  /// scale q_i . k_j + bias
  __device__ A score(const AttentionHead& at, Index i, Index j) const {
    return score(at, i, j, dot(query_row(at, i), key_row(at, j)));
  }
  /// The same from q_i . k_j.
  __device__ A score(const AttentionHead& at, Index i, Index j, A query_key) const {
    return static_cast<A>(shape.scale) * query_key + bias_of(at, i, j);
  }

  __device__ A bias_of(const AttentionHead& at, Index i, Index j) const {
    if (bias == nullptr) return 0;
    const Index distance = shape.position(at.batch, i) - j;
    const T entry = bias[shape.bias_offset(at.batch, at.head, i) + shape.bias.entry(distance)];
    return static_cast<A>(entry) * static_cast<A>(shape.bias.factor(distance));
  }

  /// The factor of dropout for the weight of query i and key j.
  __device__ A kept(const AttentionHead& at, Index i, Index j) const {
    return mask.template key_factor<A>(shape.query_number(at.batch, at.head, i), j);
  }
};

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

  /// Adds up the lanes' sums, after the last add(). All lanes call this.
  __device__ void finish() { sum = combine_lanes(sum, Sum()); }
  /// What the sums of weighted values are multiplied by; 0 if no key was seen.
  __device__ A factor() const { return maximum == -static_cast<A>(INFINITY) ? A(0) : 1 / sum; }
  __device__ A log_sum_exp() const { return maximum + std::log(sum); }
};

/// The calling warp's part of the dynamic shared memory: `numbers` elements.
template <class A>
__device__ A* of_warp(A* shared, Index numbers) {
  return shared + threadIdx.x / warp_threads * numbers;
}

/// sums[c] = shrink sums[c] + sum over i < n of factors[i] rows[i, c] for the calling lane's columns c. Rows
/// are `stride` elements apart. All lanes call this after they have written the factors.
template <class A, class T>
__device__ void add_rows(A* sums, A shrink, const A* factors, const T* rows, Index stride, Index n,
                         Index columns) {
  for (Index c = threadIdx.x % warp_threads; c < columns; c += warp_threads) {
    A sum = shrink * sums[c];
    for (Index i = 0; i < n; ++i) sum += factors[i] * static_cast<A>(rows[i * stride + c]);
    sums[c] = sum;
  }
}

/// The launch of a kernel with a warp for each row, and `numbers` elements of shared memory for each warp.
template <class A>
LaunchShape attention_launch(Context& context, const char* kernel, Index rows, Index numbers) {
  const std::size_t bytes = static_cast<std::size_t>(numbers) * sizeof(A), enough = 48 * 1024;
  unsigned preferred = 256;
  while (preferred > warp_threads && preferred / warp_threads * bytes > enough) preferred /= 2;
  const unsigned threads = threads_per_block(context, preferred), warps = threads / warp_threads;
  return {.kernel = kernel,
          .blocks = grid_extent(kernel, divide_up(rows, warps)),
          .threads = threads,
          .shared_bytes = warps * bytes};
}

}  // namespace memsizer::MEMSIZER_DEVICE
