#pragma once
// Attention's twin: it computes the whole matrix of weights from simpler operations, and from masks that the
// host computes by definition.

#include <cmath>

#include "memsizer/base/random.hpp"
#include "memsizer/ops/ops.hpp"

namespace memsizer::check {

/// For each row of the batch, query and key, [batch, queries, keys]: f(row, query, key, position of query).
template <class T, class F>
Tensor<T> for_each_pair(const AttentionShape& shape, const Tensor<Id>& first_position, Device& device,
                        const F& f) {
  const std::vector<Id> first = first_position.defined()
                                    ? first_position.to_vector()
                                    : std::vector<Id>(static_cast<std::size_t>(shape.batch), 0);
  std::vector<T> values;
  for (Index row = 0; row < shape.batch; ++row)
    for (Index i = 0; i < shape.queries; ++i)
      for (Index j = 0; j < shape.keys; ++j)
        values.push_back(f(row, i, j, first[static_cast<std::size_t>(row)] + shape.memory + i));
  return Tensor<T>(Shape{shape.batch, shape.queries, shape.keys}, values, device);
}

/// 1 where a query sees a key, else 0: [batch, queries, keys].
template <class T>
Tensor<T> visible(const AttentionShape& shape, const AttentionOptions& options, Device& device) {
  const auto of_rows = [&](const Tensor<Id>& given, Index otherwise) {
    if (given.defined()) return given.to_vector();
    return std::vector<Id>(static_cast<std::size_t>(shape.batch), static_cast<Id>(otherwise));
  };
  const std::vector<Id> first = of_rows(options.first_keys, 0),
                        end = of_rows(options.key_lengths, shape.keys);
  return for_each_pair<T>(shape, options.first_position, device, [&](Index row, Index, Index j, Index at) {
    const auto b = static_cast<std::size_t>(row);
    const bool within = j >= first[b] && j < end[b] && (!options.causal || j <= at);
    return within && (options.window == 0 || j > at - options.window) ? T{1} : T{0};
  });
}

/// A head's bias [batch, queries, keys] (a batch of 1 if all rows share it): the sum over the entries of the
/// entry times the factor of the distances that have it.
template <class T>
Tensor<T> bias_of_head(const DistanceBias<T>& bias, const AttentionShape& shape,
                       const AttentionOptions& options, Index head) {
  Device& device = bias.values.device();
  const std::vector<Id> buckets = bias.buckets.defined() ? bias.buckets.to_vector() : std::vector<Id>();
  Tensor<T> sum = Tensor<T>::zeros({shape.batch, shape.queries, shape.keys}, device);
  for (Index entry = 0; entry < shape.bias.entries; ++entry) {
    const Tensor<T> factors =
        for_each_pair<T>(shape, options.first_position, device, [&](Index, Index, Index j, Index at) {
          const Index distance = at - j;
          if (bias.is_slope) return static_cast<T>(-std::abs(distance));
          const Index place = std::clamp<Index>(distance - bias.first, 0, shape.bias.distances - 1);
          return (buckets.empty() ? place : buckets[static_cast<std::size_t>(place)]) == entry ? T{1} : T{0};
        });
    const Index heads = shape.heads, queries = shape.queries, batch = shape.batch;
    const Tensor<T> values =
        shape.bias.row_a_query
            ? reshape(slice(slice(bias.values, 1, head, head + 1), 3, entry, entry + 1), {batch, queries, 1})
            : reshape(slice(reshape(bias.values, {heads, shape.bias.entries}), 0, head, head + 1),
                      {1, shape.bias.entries, 1});
    sum = sum + factors * (shape.bias.row_a_query ? values : slice(values, 1, entry, entry + 1));
  }
  return sum;
}

/// The factors of dropout for a head's weights, [batch, queries, keys], as Dropout defines them.
template <class T>
Tensor<T> attention_dropout_on_host(const Dropout& dropout, const AttentionShape& shape, Index head,
                                    std::uint64_t step_key, Device& device) {
  const std::uint64_t key = mix_keys(step_key, dropout.stream);
  const double dropped = std::ceil(static_cast<double>(dropout.probability) * 65536) / 65536;
  return for_each_pair<T>(shape, {}, device, [&](Index row, Index i, Index j, Index) {
    const Index number = (row * shape.heads + head) * shape.queries + i;
    const RandomWords words =
        philox(key, static_cast<std::uint64_t>(j / 8), static_cast<std::uint64_t>(number));
    const std::uint32_t word = words.word[j % 8 / 2], half = j % 2 == 0 ? word & 0xFFFF : word >> 16;
    return half >= static_cast<double>(dropout.probability) * 65536 ? static_cast<T>(1 / (1 - dropped))
                                                                    : T{0};
  });
}

/// Attention head by head. step_key: the key of the options' dropout.
template <class T>
Tensor<T> composed_attention(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                             const AttentionOptions& options, const DistanceBias<T>& bias = {},
                             const Tensor<std::uint64_t>& step_key = {}) {
  const AttentionShape shape = attention_shape(query, key, value, options, bias);
  const Tensor<T> mask = visible<T>(shape, options, query.device());
  std::vector<Tensor<T>> heads;
  for (Index h = 0; h < shape.heads; ++h) {
    const auto head = [&](const Tensor<T>& x) {
      return slice(x, 2, h * shape.head_dim, (h + 1) * shape.head_dim);
    };
    Tensor<T> scores = matmul(head(query), head(slice(key, 1, 0, shape.keys)), {.b = true}) * shape.scale;
    if (bias.defined()) scores = scores + bias_of_head(bias, shape, options, h);
    Tensor<T> weights = softmax(scores * mask + (mask - 1.0) * 1e4) * mask;
    if (options.dropout)
      weights = weights * attention_dropout_on_host<T>(options.dropout, shape, h, step_key.to_vector()[0],
                                                       query.device());
    heads.push_back(matmul(weights, head(slice(value, 1, 0, shape.keys))));
  }
  return concatenate(heads, 2);
}

}  // namespace memsizer::check
