#pragma once
// The gradients of the causal scan by two scans with the same state. With a_t = (c + t + 1)^-1/2,
//   dp_t = a_t M_t dy_t,  dk_t = N_t v_t,  dv_t = k_t N_t,  N_t = sum_{j >= t} a_j p_j dy_j^T:
// M forwards in time for dp, N backwards for dk and dv. dp and dk are sums over columns, kept a warp at a
// time in partial [tiles, batch * time, S].

#include "kernels/causal_scan.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <int S, class T>
__global__ void scan_dp_kernel(Accumulate<T>* partial, const T* dy, const T* k, const T* v,
                               const Accumulate<T>* memory_in, Index first_slot, MemSizerShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape);
  const Index length = length_of(shape, at.batch), row = at.batch * shape.time;
  A memory[S];
  load_memory(memory, memory_in, at, first_slot, shape);
  const auto fill = [&](Index start, Index tokens) {
    stage<S>(k_staged, k + (row + start) * shape.slots, tokens, shape.slots, first_slot);
  };
  for_each_chunk(length, fill, [&](Index start, Index tokens) {
    if (at.warp_is_idle(shape)) return;
    for (Index token = 0; token < tokens; ++token) {
      const Index element = (row + start + token) * shape.dim + at.column;
      const A value = at.real ? static_cast<A>(v[element]) : A(0);
      const A gradient =
          at.real ? static_cast<A>(dy[element]) * scan_scale<A>(shape, at.batch, start + token) : A(0);
      A products[S];
      MEMSIZER_UNROLL
      for (int s = 0; s < S; ++s) {
        memory[s] += k_staged[token * S + s] * value;
        products[s] = memory[s] * gradient;
      }
      store_sums(partial, products, at, start + token, shape);
    }
  });
}

/// One token's dv_t = k_t N and its part of dk_t = N v_t. dv is null where it is not wanted.
template <int S, class T>
__device__ void backward_token(Accumulate<T>* partial, const Output<T>& dv, const T* v,
                               const Accumulate<T> (&state)[S], const Accumulate<T>* k_token,
                               const ScanColumn& at, Index token, Index first_slot,
                               const MemSizerShape& shape) {
  using A = Accumulate<T>;
  const Index element = (at.batch * shape.time + token) * shape.dim + at.column;
  const A value = at.real ? static_cast<A>(v[element]) : A(0);
  A products[S], sum = 0;
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s) {
    products[s] = state[s] * value;
    sum += state[s] * k_token[s];
  }
  if (dv && at.real) {
    const Output<T> target{dv.data, dv.accumulate || first_slot > 0};  // groups of slots add up
    contribute(target, element, static_cast<T>(sum));
  }
  if (partial != nullptr) store_sums(partial, products, at, token, shape);
}

/// dv of the tokens that are not there: 0.
template <class T>
__device__ void clear_padding(const Output<T>& dv, const ScanColumn& at, Index length, Index first_slot,
                              const MemSizerShape& shape) {
  if (!dv || dv.accumulate || first_slot > 0 || !at.real) return;
  for (Index token = length; token < shape.time; ++token)
    dv.data[(at.batch * shape.time + token) * shape.dim + at.column] = T(0);
}

template <int S, class T>
__global__ void scan_dk_dv_kernel(Accumulate<T>* partial, Output<T> dv, const T* dy, const T* p, const T* k,
                                  const T* v, Index first_slot, MemSizerShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, p_staged, scan_chunk * S);
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape);
  const Index length = length_of(shape, at.batch), row = at.batch * shape.time;
  A state[S] = {};
  const auto fill = [&](Index start, Index tokens) {
    const auto scale = [&](Index token) { return scan_scale<A>(shape, at.batch, start + token); };
    stage<S>(p_staged, p + (row + start) * shape.slots, tokens, shape.slots, first_slot, scale);
    stage<S>(k_staged, k + (row + start) * shape.slots, tokens, shape.slots, first_slot);
  };
  for_each_chunk<true>(length, fill, [&](Index start, Index tokens) {
    if (at.warp_is_idle(shape)) return;
    for (Index token = tokens - 1; token >= 0; --token) {
      const A gradient = at.real ? static_cast<A>(dy[(row + start + token) * shape.dim + at.column]) : A(0);
      MEMSIZER_UNROLL
      for (int s = 0; s < S; ++s) state[s] += p_staged[token * S + s] * gradient;
      backward_token<S>(partial, dv, v, state, k_staged + token * S, at, start + token, first_slot, shape);
    }
  });
  clear_padding(dv, at, length, first_slot, shape);
}

template <class T>
void causal_scan_backward(Context& context, Output<T> dp, Output<T> dk, Output<T> dv, const T* dy, const T* p,
                          const T* k, const T* v, const Accumulate<T>* memory_in,
                          const MemSizerShape& shape) {
  using A = Accumulate<T>;
  if (shape.batch == 0 || shape.time == 0) return;
  for_each_slot_group(shape.slots, [&](Index first_slot, auto group) {
    constexpr int S = group();
    A* partial = nullptr;
    if (dp || dk) partial = workspace<A>(context, column_tiles(shape) * shape.batch * shape.time * S);
    if (dp) {
      if (shape.dim > 0)
        launch(context, column_launch(context, "scan_dp", shape), scan_dp_kernel<S, T>, partial, dy, k, v,
               memory_in, first_slot, shape);
      sum_tiles<S>(context, dp, partial, first_slot, shape);
    }
    if ((dk || dv) && shape.dim > 0)
      launch(context, column_launch(context, "scan_dk_dv", shape), scan_dk_dv_kernel<S, T>,
             dk ? partial : nullptr, dv, dy, p, k, v, first_slot, shape);
    if (dk) sum_tiles<S>(context, dk, partial, first_slot, shape);
  });
}

}  // namespace memsizer::MEMSIZER_DEVICE
