#pragma once
// Twins of attention and cross entropy, composed of simpler operations.

#include <cmath>

#include "memsizer/ops/ops.hpp"

namespace memsizer::check {

/// 1 where a query of row b may see a key, else 0: [batch, queries, keys].
template <class T>
Tensor<T> visible(const AttentionShape& shape, const Tensor<Id>& first_position,
                  const Tensor<Id>& key_lengths, Device& device) {
  const auto of_rows = [&](const Tensor<Id>& given, Index otherwise) {
    if (given.defined()) return given.to_vector();
    return std::vector<Id>(static_cast<std::size_t>(shape.batch), static_cast<Id>(otherwise));
  };
  const std::vector<Id> first = of_rows(first_position, 0), length = of_rows(key_lengths, shape.keys);
  std::vector<T> mask;
  for (std::size_t b = 0; b < first.size(); ++b)
    for (Index i = 0; i < shape.queries; ++i)
      for (Index j = 0; j < shape.keys; ++j)
        mask.push_back(j < length[b] && (!shape.causal || j <= first[b] + i) ? T{1} : T{0});
  return Tensor<T>(Shape{shape.batch, shape.queries, shape.keys}, mask, device);
}

/// Attention with the whole matrix of weights, head by head, from simpler operations.
template <class T>
Tensor<T> composed_attention(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                             const AttentionOptions& options) {
  const AttentionShape shape = attention_shape(query, key, value, options);
  const Tensor<T> mask = visible<T>(shape, options.first_position, options.key_lengths, query.device());
  const Shape all_weights{shape.batch, shape.heads, shape.queries, shape.keys};
  const Tensor<T> kept = dropout(Tensor<T>::full(all_weights, T{1}, query.device()), options.dropout);
  std::vector<Tensor<T>> heads;
  for (Index h = 0; h < shape.heads; ++h) {
    const auto head = [&](const Tensor<T>& x) {
      return slice(x, 2, h * shape.head_dim, (h + 1) * shape.head_dim);
    };
    const Tensor<T> scores =
        matmul(head(query), head(slice(key, 1, 0, shape.keys)), {.b = true}) * shape.scale;
    Tensor<T> weights = softmax(scores * mask + (mask - 1.0) * 1e4) * mask;
    if (options.dropout) weights = weights * reshape(slice(kept, 1, h, h + 1), weights.shape());
    heads.push_back(matmul(weights, head(slice(value, 1, 0, shape.keys))));
  }
  return concatenate(heads, 2);
}

/// Cross entropy of each row from log softmax and a matrix of smoothed targets.
template <class T>
Tensor<T> composed_cross_entropy(const Tensor<T>& logits, const Tensor<Id>& targets,
                                 const LabelSmoothing& smoothing) {
  const auto [rows, classes] = rows_and_columns(logits.shape());
  const double s = smoothing.smoothing, n = static_cast<double>(classes);
  const bool all = smoothing.over == LabelSmoothing::Over::all;
  const double other = all ? s / n : (s > 0 ? s / (n - 1) : 0), right = all ? 1 - s + s / n : 1 - s;
  std::vector<T> wanted(static_cast<std::size_t>(rows * classes), T{0});
  const std::vector<Id> ids = targets.to_vector();
  for (Index row = 0; row < rows; ++row)
    for (Index c = 0; c < classes && ids[static_cast<std::size_t>(row)] >= 0; ++c)
      wanted[static_cast<std::size_t>(row * classes + c)] =
          static_cast<T>(c == ids[static_cast<std::size_t>(row)] ? right : other);
  return -sum(log_softmax(logits) * Tensor<T>(logits.shape(), wanted, logits.device()), -1);
}

}  // namespace memsizer::check
