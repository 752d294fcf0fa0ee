#pragma once
// Attention of few queries (generation with a cache): every key and value is read once, in order, for all
// heads that a thread has.

#include <Eigen/Core>
#include <limits>

#include "memsizer/cpu/attention_head.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/row_product.hpp"

namespace memsizer::cpu {

/// The queries of the heads first .. last - 1 of one row of the batch.
template <class T>
void attention_step(T* y, T* log_sum_exp, const T* query, const T* key, const T* value,
                    const AttentionShape& shape, const Dropout& dropout, Index batch, Index first,
                    Index last) {
  struct Work;
  constexpr Index block = 128;  // keys at a time
  constexpr T unseen = -std::numeric_limits<T>::infinity();
  const Index dim = shape.head_dim, rows = (last - first) * shape.queries;
  T* const outputs = scratch<T, Work>(rows * (dim + 2) + 2 * block);
  T *const maxima = outputs + rows * dim, *const sums = maxima + rows;
  T *const weights = sums + rows, *const factors = weights + block;
  std::fill(outputs, maxima, T(0));
  std::fill(maxima, sums, unseen);
  std::fill(sums, weights, T(0));
  const DropoutMask mask(dropout);
  const Index all_keys = AttentionHead{shape, batch, 0}.visible_keys(shape.queries - 1);
  for (Index begin = 0; begin < all_keys; begin += block)
    for (Index row = 0; row < rows; ++row) {
      const AttentionHead head{shape, batch, first + row / shape.queries};
      const Index i = row % shape.queries, n = std::min(block, head.visible_keys(i) - begin);
      if (n <= 0) continue;
      auto weight = array(weights, n), output = array(outputs + row * dim, dim);
      dot_rows(weights, false, query + head.query_offset(i), key + head.key_offset(begin),
               shape.key_time_stride, dim, n);
      weight *= static_cast<T>(shape.scale);
      const T maximum = std::max(maxima[row], weight.maxCoeff());
      const T shrink = std::exp(maxima[row] - maximum);
      maxima[row] = maximum;
      weight = (weight - maximum).exp();
      sums[row] = sums[row] * shrink + weight.sum();
      if (dropout) {
        mask.fill(factors, head.weight_number(i, begin), n);
        weight *= array(factors, n);
      }
      if (shrink != 1) output *= shrink;
      sum_rows(output.data(), true, weights, value + head.value_offset(begin), shape.value_time_stride, n,
               dim);
    }
  for (Index row = 0; row < rows; ++row) {
    const AttentionHead head{shape, batch, first + row / shape.queries};
    const Index i = row % shape.queries;
    array(y + head.output_offset(i), dim) =
        array(outputs + row * dim, dim) * (maxima[row] == unseen ? T(0) : 1 / sums[row]);
    if (log_sum_exp != nullptr) log_sum_exp[head.statistics_offset() + i] = maxima[row] + std::log(sums[row]);
  }
}

}  // namespace memsizer::cpu
