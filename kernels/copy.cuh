#pragma once
// Strided copies: permutations, slices, concatenations and broadcasts.

#include <algorithm>

#include "memsizer/device/walk.hpp"

#include "kernels/map.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// y (+)= x. Each thread has one element.
template <class T>
__global__ void copy_kernel(Output<T> y, const T* x, Walk walk, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(walk, i);
  contribute(y, at.y, static_cast<Accumulate<T>>(x[at.a]));
}

/// The same on the second rung, where neighbours stay neighbours: each thread has a group of them.
template <int count, class T>
__global__ void copy_groups_kernel(Output<T> y, const T* x, Walk groups, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(groups, i);
  ElementGroup<T, count> in, out;
  load_group(in, x + at.a, groups.a_strides[groups.rank - 1] == 0);
  if (y.accumulate) load_group(out, y.data + at.y);
  MEMSIZER_UNROLL for (int k = 0; k < count; ++k) {
    out[k] = contributed<T>(y.accumulate, out[k], static_cast<Accumulate<T>>(in[k]));
  }
  store_group(y.data + at.y, out);
}

/// y (+)= x, where each element of y takes all of the elements that `repeated` reaches. They are added in
/// order, or the last one stays. Each thread has one element of y.
template <class T>
__global__ void copy_repeated_kernel(Output<T> y, const T* x, Walk kept, Walk repeated, Index n,
                                     Index repetitions) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(kept, i);
  A value = y.accumulate ? static_cast<A>(y.data[at.y]) : A(0);
  for (Index r = y.accumulate ? 0 : repetitions - 1; r < repetitions; ++r)
    value += static_cast<A>(x[at.a + offsets_of(repeated, r).a]);
  y.data[at.y] = static_cast<T>(value);
}

template <class T>
void copy_strided(Context& context, Output<T> y, const T* x, const Walk& walk) {
  Walk plain = walk;
  std::fill_n(plain.b_strides, max_rank, Index{0});  // unused, so they must not hinder merging
  plain = merge_axes(plain);
  Walk kept, repeated;
  for (int axis = 0; axis < plain.rank; ++axis)
    append_axis(plain.y_strides[axis] != 0 ? kept : repeated, plain, axis);
  const Index repetitions = size(repeated), n = size(kept);
  constexpr int count = Vector<T>::size;
  if (repetitions == 1 && context.climbs_to(2) && has_groups(plain, count))
    launch_elements(context, "copy_strided", size(plain) / count, copy_groups_kernel<count, T>, y, x,
                    groups_of(plain, count), size(plain) / count);
  else if (repetitions == 1)
    launch_elements(context, "copy_strided", size(plain), copy_kernel<T>, y, x, plain, size(plain));
  else if (repetitions > 1)
    launch_elements(context, "copy_strided", n, copy_repeated_kernel<T>, y, x, kept, repeated, n,
                    repetitions);
}

}  // namespace memsizer::MEMSIZER_DEVICE
