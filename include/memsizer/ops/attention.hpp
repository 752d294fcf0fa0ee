#pragma once
// Scaled dot-product attention over several heads.

#include <cmath>

#include "memsizer/autograd/tape.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// What attention sees besides queries, keys and values.
struct AttentionOptions {
  Index heads = 1;
  bool causal = false;
  Index keys = -1;                 // how many of the stored keys exist (a cache has room for more); -1: all
  Tensor<Id> first_position = {};  // [batch] position of each row's first query among the keys; undefined: 0
  Tensor<Id> key_lengths = {};     // [batch] keys of each row that may be seen; undefined: all
  Dropout dropout = {};            // on the weights
};

/// Sizes and strides of contiguous query [batch, queries, dim] and key, value [batch, capacity, dim].
template <class T>
AttentionShape attention_shape(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                               const AttentionOptions& options) {
  require(query.rank() == 3 && key.rank() == 3 && key.shape() == value.shape() &&
              query.extent(0) == key.extent(0) && query.extent(2) == key.extent(2),
          "attention: query [batch, queries, dim] and key, value [batch, keys, dim] expected, got ",
          query.shape(), ", ", key.shape(), ", ", value.shape());
  const Index batch = query.extent(0), dim = query.extent(2),
              keys = options.keys < 0 ? key.extent(1) : options.keys;
  require(options.heads > 0 && dim % options.heads == 0, "attention: ", dim, " columns do not split into ",
          options.heads, " heads");
  require(keys <= key.extent(1), "attention: ", keys, " keys asked for, ", key.extent(1), " stored");
  for (const Tensor<Id>* numbers : {&options.first_position, &options.key_lengths})
    require(!numbers->defined() || numbers->shape() == Shape{batch}, "attention: one number for each of ",
            batch, " rows expected in first_position and key_lengths");
  AttentionShape shape{.batch = batch,
                       .heads = options.heads,
                       .head_dim = dim / options.heads,
                       .queries = query.extent(1),
                       .keys = keys};
  shape.query_time_stride = shape.key_time_stride = shape.value_time_stride = shape.output_time_stride = dim;
  shape.query_batch_stride = shape.output_batch_stride = query.extent(1) * dim;
  shape.key_batch_stride = shape.value_batch_stride = key.extent(1) * dim;
  shape.scale = 1 / std::sqrt(static_cast<double>(shape.head_dim));
  shape.causal = options.causal;
  if (options.first_position.defined()) shape.first_position = options.first_position.data();
  if (options.key_lengths.defined()) shape.key_lengths = options.key_lengths.data();
  return shape;
}

/// y = softmax(q k^T / sqrt(head dim)) v for each head, [batch, queries, dim] (Vaswani et al. 2017, arXiv
/// 1706.03762). Head h is at columns h * head dim. A query that may see no key gets 0.
template <class T>
Tensor<T> attention(const Tensor<T>& query, const Tensor<T>& any_key, const Tensor<T>& any_value,
                    const AttentionOptions& options) {
  require_same_device("attention", query, any_key, any_value, options.first_position, options.key_lengths);
  require_drawable("attention", options.dropout);
  const Tensor<T> key = apart_from(any_key, query), value = apart_from(any_value, query, any_key);
  const AttentionShape shape = attention_shape(query, key, value, options);
  Tensor<T> y(query.shape(), query.device());
  Tensor<Accumulate<T>> log_sum_exp(Shape{shape.batch, shape.heads, shape.queries}, query.device());
  launch(query.device(), "attention", query.kernels().attention.attention, y.data(), log_sum_exp.data(),
         query.data(), key.data(), value.data(), shape, options.dropout);
  record(
      y,
      // The shape points into the options' positions and lengths, which the record keeps alive.
      [=, dquery = GradientTarget(query), dkey = GradientTarget(key), dvalue = GradientTarget(value),
       query = query.detach(), key = key.detach(), value = value.detach(), y = y](const Tensor<T>& dy) {
        // A cache with more room than keys: what no query saw gets a gradient of 0.
        const auto whole = [&](const GradientTarget<T>& target) {
          return shape.keys < key.extent(1) ? target.cleared("attention_backward") : target();
        };
        launch(query.device(), "attention_backward", query.kernels().attention.attention_backward, dquery(),
               whole(dkey), whole(dvalue), dy.data(), y.data(), log_sum_exp.data(), query.data(), key.data(),
               value.data(), shape, options.dropout);
      },
      query, key, value);
  return y;
}

}  // namespace memsizer
