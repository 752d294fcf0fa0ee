#pragma once
// Scaled dot-product attention over several heads.

#include <cmath>
#include <optional>

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/broadcast.hpp"
#include "memsizer/ops/distance_bias.hpp"

namespace memsizer {

/// The options of attention: what it sees besides queries, keys, values and a bias.
struct AttentionOptions {
  Index heads = 1;
  bool causal = false;
  Index window = 0;  // causal: a query sees its own position and the window - 1 before it; 0: all before it
  Index memory = 0;  // keys that lie before the segment of the queries
  Index keys = -1;   // how many of the stored keys exist (a cache has room for more); -1: all
  Tensor<Id> first_position = {};  // [batch] position of each row's first query among the keys after the
                                   // memory; undefined: 0
  Tensor<Id> key_lengths = {};  // [batch] keys at a row's length and beyond are not seen; undefined: all are
  Tensor<Id> first_keys = {};   // [batch] keys before a row's first are not seen; undefined: all are
  std::optional<double> scale = {};  // of the scores q k^T; none: 1 / sqrt(head dim)
  Dropout dropout = {};              // on the weights
};

/// Sizes and strides of contiguous query [batch, queries, dim] and key, value [batch, capacity, dim].
template <class T>
AttentionShape attention_shape(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                               const AttentionOptions& options, const DistanceBias<T>& bias = {}) {
  require(query.rank() == 3 && key.rank() == 3 && key.shape() == value.shape() &&
              query.extent(0) == key.extent(0) && query.extent(2) == key.extent(2),
          "attention: query [batch, queries, dim] and key, value [batch, keys, dim] expected, got ",
          query.shape(), ", ", key.shape(), ", ", value.shape());
  const Index batch = query.extent(0), dim = query.extent(2),
              keys = options.keys < 0 ? key.extent(1) : options.keys;
  require(options.heads > 0 && dim % options.heads == 0, "attention: ", dim, " columns do not split into ",
          options.heads, " heads");
  require(keys <= key.extent(1), "attention: ", keys, " keys asked for, ", key.extent(1), " stored");
  require(options.window >= 0 && options.memory >= 0, "attention: window and memory of at least 0 expected, ",
          "got ", options.window, " and ", options.memory);
  require(options.window == 0 || options.causal, "attention: a window needs causal attention");
  for (const Tensor<Id>* numbers : {&options.first_position, &options.key_lengths, &options.first_keys})
    require(!numbers->defined() || numbers->shape() == Shape{batch}, "attention: one number for each of ",
            batch, " rows expected in first_position, key_lengths and first_keys, got ", numbers->shape());
  AttentionShape shape = contiguous_attention({.batch = batch,
                                               .heads = options.heads,
                                               .head_dim = dim / options.heads,
                                               .queries = query.extent(1),
                                               .keys = key.extent(1)});
  shape.keys = keys;  // The strides stay those of all that is stored: a cache has room for more keys.
  shape.scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(shape.head_dim)));
  shape.causal = options.causal;
  shape.window = options.window;
  shape.memory = options.memory;
  shape.bias = bias.shape(batch, shape.heads, shape.queries);
  if (options.first_position.defined()) shape.first_position = options.first_position.data();
  if (options.key_lengths.defined()) shape.key_lengths = options.key_lengths.data();
  if (options.first_keys.defined()) shape.first_keys = options.first_keys.data();
  return shape;
}

/// y = softmax(scale q k^T + bias) v for each head, [batch, queries, dim] (Vaswani et al. 2017, arXiv
/// 1706.03762). Head h is at columns h * head dim. A query that sees no key gets 0. InputError if shapes do
/// not fit, or for a window without causality.
template <class T>
Tensor<T> attention(const Tensor<T>& query, const Tensor<T>& any_key, const Tensor<T>& any_value,
                    const AttentionOptions& options, const DistanceBias<T>& bias = {}) {
  require_same_device("attention", query, any_key, any_value, options.first_position, options.key_lengths,
                      options.first_keys, bias.values, bias.buckets);
  require_drawable("attention", options.dropout);
  const Tensor<T> key = apart_from(any_key, query), value = apart_from(any_value, query, any_key);
  const AttentionShape shape = attention_shape(query, key, value, options, bias);
  const auto biases = [](const Tensor<T>& values) { return values.defined() ? values.data() : nullptr; };
  Tensor<T> y(query.shape(), query.device());
  Tensor<Accumulate<T>> log_sum_exp(Shape{shape.batch, shape.heads, shape.queries}, query.device());
  launch(query.device(), "attention", query.kernels().attention.attention, y.data(), log_sum_exp.data(),
         query.data(), key.data(), value.data(), biases(bias.values), shape, options.dropout);
  record(
      "attention", y,
      // The shape points into the row's numbers (lengths, first keys ..) and the buckets, so the record keeps
      // them alive.
      [=, dquery = GradientTarget(query), dkey = GradientTarget(key), dvalue = GradientTarget(value),
       dbias = parameter_target(bias.values), query = Saved(query), key = Saved(key), value = Saved(value),
       values = Saved(bias.values), buckets = Saved(bias.buckets), positions = Saved(options.first_position),
       lengths = Saved(options.key_lengths), first_keys = Saved(options.first_keys),
       y = Saved(y)](const Tensor<T>& dy) {
        require_unchanged(buckets, positions, lengths, first_keys);
        // If a cache has room for more keys than it holds, the unused rows get a gradient of 0.
        const auto whole = [&](const GradientTarget<T>& target) {
          return shape.keys < key.extent(1) ? target.cleared("attention_backward") : target();
        };
        launch(query.device(), "attention_backward", query.kernels().attention.attention_backward, dquery(),
               whole(dkey), whole(dvalue), dbias(), dy.data(), y.data(), log_sum_exp.data(), query.data(),
               key.data(), value.data(), values.data_or_null(), shape, options.dropout);
      },
      query, key, value, bias.values);
  return y;
}

}  // namespace memsizer
