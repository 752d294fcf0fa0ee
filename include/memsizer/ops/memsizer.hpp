#pragma once
// The operations of MemSizer's key-value memory (Zhang and Cai 2022, arXiv 2203.12644).

#include "memsizer/autograd/tape.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// p [.., slots] = mean over heads of softmax over slots of logits [.., heads * slots]; dropout on each
/// softmax.
template <class T>
Tensor<T> slot_weights(const Tensor<T>& logits, Index heads, const Dropout& dropout = {}) {
  require_drawable("slot_weights", dropout);
  const auto [rows, columns] = rows_and_columns(logits.shape());
  require(heads > 0 && columns > 0 && columns % heads == 0, "slot_weights: the last axis of shape ",
          logits.shape(), " does not split into ", heads, " heads");
  const Index slots = columns / heads;
  Tensor<T> p(logits.shape().with(-1, slots), logits.device());
  launch(logits.device(), "slot_weights", logits.kernels().memsizer.slot_weights, p.data(), logits.data(),
         rows, heads, slots, dropout);
  record(
      p,
      [=, dlogits = GradientTarget(logits), logits = logits.detach(), rows = rows](const Tensor<T>& dp) {
        launch(logits.device(), "slot_weights_backward", logits.kernels().memsizer.slot_weights_backward,
               dlogits(), dp.data(), logits.data(), rows, heads, slots, dropout);
      },
      logits);
  return p;
}

/// What the causal scan carries from one segment to the next: the memory before scaling and how many tokens
/// are in it.
template <class T>
struct ScanState {
  /// [batch, slots, dim], read and advanced in place; undefined: zeros, not kept.
  Tensor<Accumulate<T>> memory = {};
  /// [batch] tokens in the memory before this segment; undefined: 0.
  Tensor<Id> counts = {};
};

template <class T>
MemSizerShape memsizer_shape(const char* name, const Tensor<T>& k, const Tensor<T>& v,
                             const Tensor<Id>& lengths) {
  require(k.rank() == 3 && v.rank() == 3 && k.extent(0) == v.extent(0) && k.extent(1) == v.extent(1), name,
          ": k [batch, time, slots] and v [batch, time, dim] expected, got ", k.shape(), " and ", v.shape());
  require(!lengths.defined() || lengths.shape() == Shape{k.extent(0)}, name, ": one length for each of ",
          k.extent(0), " rows expected");
  return {.batch = k.extent(0),
          .time = k.extent(1),
          .slots = k.extent(2),
          .dim = v.extent(2),
          .lengths = lengths.defined() ? lengths.data() : nullptr};
}

/// y_t = (c + t + 1)^-1/2 p_t (M + sum_{j <= t} k_j v_j^T) [batch, time, dim], c and M from the state. p, k
/// are [batch, time, slots], v is [batch, time, dim]; lengths [batch] may be undefined: all tokens are real.
template <class T>
Tensor<T> causal_scan(const Tensor<T>& p, const Tensor<T>& any_k, const Tensor<T>& any_v,
                      const Tensor<Id>& lengths = {}, const ScanState<T>& state = {}) {
  require_same_device("causal_scan", p, any_k, any_v, lengths, state.memory, state.counts);
  const Tensor<T> k = apart_from(any_k, p), v = apart_from(any_v, p, any_k);
  MemSizerShape shape = memsizer_shape("causal_scan", k, v, lengths);
  require(p.shape() == k.shape(), "causal_scan: p and k of one shape expected, got ", p.shape(), " and ",
          k.shape());
  const Shape memory{shape.batch, shape.slots, shape.dim};
  require(!state.memory.defined() || state.memory.shape() == memory, "causal_scan: a state of shape ", memory,
          " expected, got ", state.memory.shape());
  require(!state.counts.defined() || state.counts.shape() == Shape{shape.batch},
          "causal_scan: one count for each of ", shape.batch, " rows expected, got shape ",
          state.counts.shape());
  if (state.counts.defined()) shape.counts = state.counts.data();
  Tensor<T> y(v.shape(), v.device());
  Tensor<Accumulate<T>> before = state.memory;
  if (before.defined() && is_recorded(p, k, v)) before = before.clone();
  launch(v.device(), "causal_scan", v.kernels().memsizer.causal_scan, y.data(),
         state.memory.defined() ? state.memory.data() : nullptr, p.data(), k.data(), v.data(),
         before.defined() ? before.data() : nullptr, shape);
  record(
      y,
      // The shape points into lengths and counts, which the record keeps alive.
      [=, dp = GradientTarget(p), dk = GradientTarget(k), dv = GradientTarget(v), p = p.detach(),
       k = k.detach(), v = v.detach(), lengths = lengths, counts = state.counts](const Tensor<T>& dy) {
        launch(v.device(), "causal_scan_backward", v.kernels().memsizer.causal_scan_backward, dp(), dk(),
               dv(), dy.data(), p.data(), k.data(), v.data(), before.defined() ? before.data() : nullptr,
               shape);
      },
      p, k, v);
  return y;
}

/// memory [batch, slots, dim] = n^-1/2 sum over the n = lengths[b] real tokens of k_j v_j^T: the cross form.
template <class T>
Tensor<T> key_value_memory(const Tensor<T>& k, const Tensor<T>& any_v, const Tensor<Id>& lengths = {}) {
  require_same_device("key_value_memory", k, any_v, lengths);
  const Tensor<T> v = apart_from(any_v, k);
  const MemSizerShape shape = memsizer_shape("key_value_memory", k, v, lengths);
  Tensor<T> memory(Shape{shape.batch, shape.slots, shape.dim}, k.device());
  launch(k.device(), "key_value_memory", k.kernels().memsizer.key_value_memory, memory.data(), k.data(),
         v.data(), shape);
  record(
      memory,
      // The shape points into lengths, which the record keeps alive.
      [=, dk = GradientTarget(k), dv = GradientTarget(v), k = k.detach(), v = v.detach(),
       lengths = lengths](const Tensor<T>& dmemory) {
        launch(k.device(), "key_value_memory_backward", k.kernels().memsizer.key_value_memory_backward, dk(),
               dv(), dmemory.data(), k.data(), v.data(), shape);
      },
      k, v);
  return memory;
}

}  // namespace memsizer
