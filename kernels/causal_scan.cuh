#pragma once
// MemSizer's causal layer: y_t = (c + t + 1)^-1/2 p_t M_t with M_t = M_in + sum_{j <= t} k_j v_j^T (Zhang and
// Cai 2022). p, k [batch, time, slots], v, y [batch, time, dim], M [batch, slots, dim]. The state is M alone:
// nothing of [time, slots, dim] is ever stored.

#include "kernels/slots.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// memory[s] = M_in[first_slot + s, column]; M_in null: 0
template <int S, class A, class T>
__device__ void load_memory(A (&memory)[S], const T* memory_in, const ScanColumn& at, Index first_slot,
                            const MemSizerShape& shape) {
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s) {
    const Index slot = first_slot + s;
    const bool stored = memory_in != nullptr && at.real && slot < shape.slots;
    memory[s] =
        stored ? static_cast<A>(memory_in[(at.batch * shape.slots + slot) * shape.dim + at.column]) : A(0);
  }
}

template <int S, class A, class T>
__device__ void store_memory(T* memory_out, const A (&memory)[S], const ScanColumn& at, Index first_slot,
                             const MemSizerShape& shape) {
  if (!at.real) return;
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s)
    if (const Index slot = first_slot + s; slot < shape.slots)
      memory_out[(at.batch * shape.slots + slot) * shape.dim + at.column] = static_cast<T>(memory[s]);
}

/// One group of slots; y receives the first group's part and the others add theirs.
template <int S, class T>
__global__ void causal_scan_kernel(T* y, Accumulate<T>* memory_out, const T* p, const T* k, const T* v,
                                   const Accumulate<T>* memory_in, Index first_slot, MemSizerShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, p_staged, scan_chunk * S);
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape);
  const Index length = length_of(shape, at.batch), row = at.batch * shape.time;
  A memory[S];
  load_memory(memory, memory_in, at, first_slot, shape);
  const auto fill = [&](Index start, Index tokens) {
    const auto scale = [&](Index token) { return scan_scale<A>(shape, at.batch, start + token); };
    stage<S>(p_staged, p + (row + start) * shape.slots, tokens, shape.slots, first_slot, scale);
    stage<S>(k_staged, k + (row + start) * shape.slots, tokens, shape.slots, first_slot);
  };
  for_each_chunk(length, fill, [&](Index start, Index tokens) {
    for (Index token = 0; at.real && token < tokens; ++token) {
      const Index element = (row + start + token) * shape.dim + at.column;
      const A value = static_cast<A>(v[element]);
      A sum = first_slot == 0 ? A(0) : static_cast<A>(y[element]);
      MEMSIZER_UNROLL
      for (int s = 0; s < S; ++s) {
        memory[s] += k_staged[token * S + s] * value;
        sum += p_staged[token * S + s] * memory[s];
      }
      y[element] = static_cast<T>(sum);
    }
  });
  for (Index token = length; at.real && token < shape.time; ++token)
    y[(row + token) * shape.dim + at.column] = T(0);
  if (memory_out != nullptr) store_memory(memory_out, memory, at, first_slot, shape);
}

template <class T>
void causal_scan(Context& context, T* y, Accumulate<T>* memory_out, const T* p, const T* k, const T* v,
                 const Accumulate<T>* memory_in, const MemSizerShape& shape) {
  if (shape.batch == 0 || shape.dim == 0) return;
  for_each_slot_group(shape.slots, [&](Index first_slot, auto group) {
    launch(context, column_launch(context, "causal_scan", shape), causal_scan_kernel<group(), T>, y,
           memory_out, p, k, v, memory_in, first_slot, shape);
  });
}

}  // namespace memsizer::MEMSIZER_DEVICE
