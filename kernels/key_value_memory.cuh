#pragma once
// MemSizer's memory of a whole source (the cross form): memory [batch, slots, dim] = n^-1/2 sum_{j < n} k_j
// v_j^T over the n = lengths[b] tokens of k [batch, time, slots] and v [batch, time, dim].

#include "kernels/causal_scan_backward.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <int S, class T>
__global__ void key_value_memory_kernel(T* memory, const T* k, const T* v, Index first_slot,
                                        MemSizerShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape);
  const Index length = length_of(shape, at.batch), row = at.batch * shape.time;
  const A scale = memory_scale<A>(length);
  A sums[S] = {};
  const auto fill = [&](Index start, Index tokens) {
    stage<S>(k_staged, k + (row + start) * shape.slots, tokens, shape.slots, first_slot,
             [&](Index) { return scale; });
  };
  for_each_chunk(length, fill, [&](Index start, Index tokens) {
    for (Index token = 0; at.real && token < tokens; ++token) {
      const A value = static_cast<A>(v[(row + start + token) * shape.dim + at.column]);
      MEMSIZER_UNROLL
      for (int s = 0; s < S; ++s) sums[s] += k_staged[token * S + s] * value;
    }
  });
  store_memory<S>(memory, sums, at, first_slot, shape);
}

/// dk_j = n^-1/2 dM v_j, dv_j = n^-1/2 k_j dM, with a thread's column of dM in its registers.
template <int S, class T>
__global__ void key_value_memory_backward_kernel(Accumulate<T>* partial, Output<T> dv, const T* dmemory,
                                                 const T* k, const T* v, Index first_slot,
                                                 MemSizerShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape);
  const Index length = length_of(shape, at.batch), row = at.batch * shape.time;
  A state[S];
  load_memory<S>(state, dmemory, at, first_slot, shape);
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s) state[s] *= memory_scale<A>(length);
  const auto fill = [&](Index start, Index tokens) {
    stage<S>(k_staged, k + (row + start) * shape.slots, tokens, shape.slots, first_slot);
  };
  for_each_chunk(length, fill, [&](Index start, Index tokens) {
    if (at.warp_is_idle(shape)) return;
    for (Index token = 0; token < tokens; ++token)
      backward_token<S>(partial, dv, v, state, k_staged + token * S, at, start + token, first_slot, shape);
  });
  clear_padding(dv, at, length, first_slot, shape);
}

template <class T>
void key_value_memory(Context& context, T* memory, const T* k, const T* v, const MemSizerShape& shape) {
  if (shape.batch == 0 || shape.dim == 0) return;
  for_each_slot_group(shape.slots, [&](Index first_slot, auto group) {
    launch(context, column_launch(context, "key_value_memory", shape), key_value_memory_kernel<group(), T>,
           memory, k, v, first_slot, shape);
  });
}

template <class T>
void key_value_memory_backward(Context& context, Output<T> dk, Output<T> dv, const T* dmemory, const T* k,
                               const T* v, const MemSizerShape& shape) {
  using A = Accumulate<T>;
  if (shape.batch == 0 || shape.time == 0) return;
  for_each_slot_group(shape.slots, [&](Index first_slot, auto group) {
    constexpr int S = group();
    A* partial = dk ? workspace<A>(context, column_tiles(shape) * shape.batch * shape.time * S) : nullptr;
    if (shape.dim > 0)
      launch(context, column_launch(context, "key_value_memory_backward", shape),
             key_value_memory_backward_kernel<S, T>, partial, dv, dmemory, k, v, first_slot, shape);
    if (dk) sum_tiles<S>(context, dk, partial, first_slot, shape);
  });
}

}  // namespace memsizer::MEMSIZER_DEVICE
