#pragma once
// Scaled dot-product attention, whose weights exist for one tile at a time.

#include "memsizer/cpu/attention_backward.hpp"
#include "memsizer/cpu/attention_forward.hpp"
#include "memsizer/cpu/attention_step.hpp"

namespace memsizer::cpu {

template <class T>
void attention(Context& context, T* y, Accumulate<T>* log_sum_exp, const T* query, const T* key,
               const T* value, const T* bias, const AttentionShape& shape, const Dropout& dropout) {
  if (shape.batch == 0 || shape.queries == 0) return;
  const Index work = shape.keys * shape.head_dim;
  if (shape.queries <= few_rows)
    return attention_step(context, y, log_sum_exp, query, key, value, bias, shape, dropout);
  using Forward = AttentionForward<T>;
  const Index tiles = divide_up(shape.queries, Forward::tile_queries);
  parallel_for(context, shape.batch * shape.heads * tiles, 4 * work, [=](Index begin, Index end) {
    for (Index next; begin < end; begin = next) {
      const Index row = begin / tiles;
      next = std::min(end, (row + 1) * tiles);
      Forward forward({shape, row / shape.heads, row % shape.heads}, query, key, value, bias, dropout);
      for (Index tile = begin - row * tiles; tile < next - row * tiles; ++tile)
        forward.run(y, log_sum_exp, tile * Forward::tile_queries);
    }
  });
}

/// If all rows of the batch share a bias, its gradient is first summed for each row, in the caller's scratch
/// memory; then these sums are added in order.
template <class T>
void attention_backward(Context& context, Output<T> dquery, Output<T> dkey, Output<T> dvalue,
                        Output<Accumulate<T>> dbias, const T* dy, const T* y,
                        const Accumulate<T>* log_sum_exp, const T* query, const T* key, const T* value,
                        const T* bias, const AttentionShape& shape, const Dropout& dropout) {
  struct OfRows;
  const Index size = shape.bias_size();
  const bool in_rows = dbias && !shape.bias.row_a_query;
  T* const of_rows = in_rows ? scratch<T, OfRows>(shape.batch * size) : nullptr;
  if (in_rows) array(of_rows, shape.batch * size) = T(0);
  if (dbias && shape.bias.row_a_query && !dbias.accumulate) array(dbias.data, size) = T(0);
  const Index work = shape.queries * shape.keys * shape.head_dim;
  parallel_for(context, shape.batch * shape.heads, work, [=](Index begin, Index end) {
    for (Index row = begin; row < end; ++row)
      AttentionBackward<T>({shape, row / shape.heads, row % shape.heads}, dy, y, log_sum_exp, query, key,
                           value, bias, dropout)
          .run(dquery, dkey, dvalue, in_rows ? of_rows + row * shape.bias.entries : dbias.data);
  });
  if (!in_rows) return;
  for (Index row = 1; row < shape.batch; ++row) array(of_rows, size) += array(of_rows + row * size, size);
  if (shape.batch > 0)
    contribute(dbias, 0, array(of_rows, size));
  else if (!dbias.accumulate)
    array(dbias.data, size) = T(0);
}

template <class T>
inline constexpr AttentionKernels<T> attention_kernels{.attention = attention<T>,
                                                       .attention_backward = attention_backward<T>};

}  // namespace memsizer::cpu
