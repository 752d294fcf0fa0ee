#pragma once
// The times of what a model does along a sequence: causal attention, and MemSizer's memory of fixed size.

#include "kernel_times.hpp"

namespace memsizer::program {

/// `tokens` tokens in sequences of `time` tokens.
struct SequenceSizes {
  Index tokens, time;
};

/// Attention with `heads` heads, all contiguous: [batch, time, heads, head_dim].
inline AttentionShape causal_attention(const SequenceSizes& sizes, Index heads, Index head_dim) {
  return contiguous_attention({.batch = sizes.tokens / sizes.time,
                               .heads = heads,
                               .head_dim = head_dim,
                               .queries = sizes.time,
                               .keys = sizes.time,
                               .scale = 1 / std::sqrt(static_cast<double>(head_dim)),
                               .causal = true});
}

/// Times attention and its backward. A pair of a query and a key that it sees costs two products of head_dim
/// numbers, in backward five.
template <class T>
void add_attention(std::vector<KernelTime>& times, Device& device, const AttentionShape& shape) {
  using A = Accumulate<T>;
  const KernelTimer timer(device);
  const Index n = shape.batch * shape.query_batch_stride;
  const Tensor<T> query = random_array<T>(n, "query", device), key = random_array<T>(n, "key", device),
                  value = random_array<T>(n, "value", device), dy = random_array<T>(n, "dy", device);
  const Tensor<T> y(Shape{n}, device), dquery(Shape{n}, device), dkey(Shape{n}, device),
      dvalue(Shape{n}, device);
  const Tensor<A> log_sum_exp(Shape{shape.batch * shape.heads * shape.queries}, device);
  const auto& kernels = query.kernels().attention;
  const double pairs = static_cast<double>(shape.batch * shape.heads * shape.queries) *
                       static_cast<double>(shape.queries + 1) / 2;
  const double product = 2 * static_cast<double>(shape.head_dim) * pairs;
  const std::vector<std::pair<const char*, Index>> sizes = {
      {"batch", shape.batch}, {"heads", shape.heads}, {"head_dim", shape.head_dim}, {"time", shape.queries}};
  const T* const no_bias = nullptr;
  const double forward = timer.seconds_of([&] {
    launch(device, "attention", kernels.attention, y.data(), log_sum_exp.data(), query.data(), key.data(),
           value.data(), no_bias, shape, Dropout{});
  });
  times.push_back({.kernel = "attention", .sizes = sizes, .seconds = forward, .operations = 2 * product});
  const double backward = timer.seconds_of([&] {
    launch(device, "attention_backward", kernels.attention_backward, Output<T>{dquery.data()},
           Output<T>{dkey.data()}, Output<T>{dvalue.data()}, Output<A>{}, dy.data(), y.data(),
           log_sum_exp.data(), query.data(), key.data(), value.data(), no_bias, shape, Dropout{});
  });
  times.push_back(
      {.kernel = "attention_backward", .sizes = sizes, .seconds = backward, .operations = 5 * product});
}

/// Times MemSizer's scan and its backward. What they must move is their inputs and outputs: they need not be
/// slower than the memory.
template <class T>
void add_scan(std::vector<KernelTime>& times, Device& device, const ScanShape& shape) {
  const KernelTimer timer(device);
  const Index values = shape.batch * shape.time * shape.dim, keys = shape.batch * shape.time * shape.features;
  const Tensor<T> query = random_array<T>(keys, "query", device), key = random_array<T>(keys, "key", device),
                  value = random_array<T>(values, "value", device),
                  dy = random_array<T>(values, "dy", device);
  const Tensor<T> y(Shape{values}, device), dquery(Shape{keys}, device), dkey(Shape{keys}, device),
      dvalue(Shape{values}, device);
  const ScanInputs<T> inputs{.query = query.data(), .key = key.data(), .value = value.data()};
  const auto& kernels = query.kernels().scan;
  const std::vector<std::pair<const char*, Index>> sizes = {
      {"batch", shape.batch}, {"time", shape.time}, {"slots", shape.features}, {"dim", shape.dim}};
  const double value_bytes = static_cast<double>(values) * sizeof(T),
               key_bytes = static_cast<double>(keys) * sizeof(T);
  const double forward = timer.seconds_of([&] {
    launch(device, "causal_scan", kernels.causal_scan, ScanOutputs<T>{.y = y.data()}, inputs, shape);
  });
  times.push_back({.kernel = "causal_scan",
                   .sizes = sizes,
                   .seconds = forward,
                   .bytes = 2 * value_bytes + 2 * key_bytes});
  const double backward = timer.seconds_of([&] {
    launch(device, "causal_scan_backward", kernels.causal_scan_backward,
           ScanGradients<T>{.dquery = {dquery.data()}, .dkey = {dkey.data()}, .dvalue = {dvalue.data()}},
           ScanCotangents<T>{.dy = dy.data()}, inputs, shape);
  });
  times.push_back({.kernel = "causal_scan_backward",
                   .sizes = sizes,
                   .seconds = backward,
                   .bytes = 3 * value_bytes + 4 * key_bytes});
}

}  // namespace memsizer::program
