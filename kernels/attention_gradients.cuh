#pragma once
// What the gradients of attention need of a pair of query and key, and the first of their kernels.

#include "kernels/attention_head.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The inputs of the backward pass, and what it computes for a pair of query and key.
template <class T>
struct AttentionGradients {
  using A = Accumulate<T>;

  AttentionInputs<T> in;
  const T *dy, *y;
  const A* log_sum_exp;
  A* deltas;  // [batch, heads, queries]

  /// A pair's weight after dropout, and the gradient of its score. Both are 0 if the query does not see the
  /// key.
  struct Pair {
    A weight = 0, dscore = 0;
  };
  __device__ Pair pair(const AttentionHead& at, Index i, Index j) const {
    return pair(at, i, j, in.dot(in.query_row(at, i), in.key_row(at, j)),
                in.dot(dy + in.output_offset(at, i), in.value_row(at, j)));
  }
  /// The same from q_i . k_j and dy_i . v_j.
  __device__ Pair pair(const AttentionHead& at, Index i, Index j, A query_key, A dy_value) const {
    const Index number = in.shape.query_number(at.batch, at.head, i);
    const A weight = std::exp(in.score(at, i, j, query_key) - log_sum_exp[number]), kept = in.kept(at, i, j);
    return {weight * kept, weight * (kept * dy_value - deltas[number])};
  }
};

/// deltas = dy . y of each query. Each thread has one query.
template <class T>
__global__ void attention_deltas_kernel(AttentionGradients<T> gradients, Index rows) {
  const Index number = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (number >= rows) return;
  const AttentionInputs<T>& in = gradients.in;
  const AttentionHead at(in.shape, number / in.shape.queries);
  const Index offset = in.output_offset(at, number % in.shape.queries);
  gradients.deltas[number] = in.dot(gradients.dy + offset, gradients.y + offset);
}

}  // namespace memsizer::MEMSIZER_DEVICE
