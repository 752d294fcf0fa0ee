#pragma once
// Binary operations with broadcasting, and their gradients, which are summed over repeated axes.

#include <algorithm>

#include "kernels/map.cuh"
#include "kernels/repeated_sum.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class A>
__device__ A binary_value(BinaryFunction f, A a, A b) {
  switch (f) {
    case BinaryFunction::add:
      return a + b;
    case BinaryFunction::subtract:
      return a - b;
    case BinaryFunction::multiply:
      return a * b;
    case BinaryFunction::divide:
      return a / b;
  }
  return A(NAN);
}

/// Whether the element i of all three arrays belongs together: nothing is repeated.
inline bool is_elementwise(const Walk& merged) {
  return merged.rank == 1 && merged.y_strides[0] == 1 && merged.a_strides[0] == 1 && merged.b_strides[0] == 1;
}

/// binary_value as the function of a map.
template <class A>
struct BinaryMap {
  BinaryFunction f;
  __device__ A operator()(A a, A b) const { return binary_value(f, a, b); }
};

/// y = f(a, b) where an operand is repeated. Each thread has one element.
template <class T>
__global__ void binary_kernel(T* y, const T* a, const T* b, BinaryFunction f, Walk walk, Index n) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(walk, i);
  y[at.y] = static_cast<T>(binary_value(f, static_cast<A>(a[at.a]), static_cast<A>(b[at.b])));
}

/// The same on the second rung: each thread has a group of neighbours, whose places it finds once.
template <int count, class T>
__global__ void binary_groups_kernel(T* y, const T* a, const T* b, BinaryFunction f, Walk groups, Index n) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(groups, i);
  ElementGroup<T, count> left, right, out;
  load_group(left, a + at.a, groups.a_strides[groups.rank - 1] == 0);
  load_group(right, b + at.b, groups.b_strides[groups.rank - 1] == 0);
  out.contribute(false,
                 [&](int k) { return binary_value(f, static_cast<A>(left[k]), static_cast<A>(right[k])); });
  store_group(y + at.y, out);
}

template <class T>
void binary(Context& context, T* y, const T* a, const T* b, BinaryFunction f, const Walk& walk) {
  constexpr int count = Vector<T>::size;
  const Walk merged = merge_axes(walk);
  const Index groups = size(merged) / count;
  if (is_elementwise(merged))
    launch_map(context, "binary", Output<T>{y}, a, b, BinaryMap<Accumulate<T>>{f}, size(merged));
  else if (context.climbs_to(2) && has_groups(merged, count))
    launch_elements(context, "binary", groups, binary_groups_kernel<count, T>, y, a, b, f,
                    groups_of(merged, count), groups);
  else
    launch_elements(context, "binary", size(merged), binary_kernel<T>, y, a, b, f, merged, size(merged));
}

/// A factor as the function of a map.
template <class A>
struct Times {
  A factor;
  __device__ A operator()(A x) const { return factor * x; }
};

/// The terms of a gradient: df/da dy, or df/db dy if `of_right`. The operands that they do not need may be
/// null.
template <class T, bool of_right>
struct BinaryTerms {
  const T *dy, *a, *b;
  BinaryFunction f;

  __device__ Accumulate<T> operator()(const Offsets& at) const {
    using A = Accumulate<T>;
    // A sum goes to the array of the a strides, so b's gradient walks with the strides of a and b exchanged.
    const T *left = a + (of_right ? at.b : at.a), *right = b + (of_right ? at.a : at.b);
    const A dout = static_cast<A>(dy[at.y]);
    switch (f) {
      case BinaryFunction::add:
        return dout;
      case BinaryFunction::subtract:
        return of_right ? -dout : dout;
      case BinaryFunction::multiply:
        return dout * static_cast<A>(of_right ? *left : *right);
      case BinaryFunction::divide:
        if constexpr (of_right)
          return -dout * (static_cast<A>(*left) / static_cast<A>(*right)) / static_cast<A>(*right);
        return dout / static_cast<A>(*right);
    }
    return A(NAN);
  }
};

/// The gradient of an operand where nothing is repeated: dy, -dy, dy b or dy / b. That of a quotient's
/// divisor needs both operands; then the function returns false and does nothing.
template <class T>
bool map_gradient(Context& context, Output<T> d, const T* dy, const T* other, BinaryFunction f, bool of_right,
                  Index n) {
  using A = Accumulate<T>;
  const char* const name = "binary_backward";
  switch (f) {
    case BinaryFunction::add:
    case BinaryFunction::subtract:
      launch_map(context, name, d, dy, Times<A>{of_right && f == BinaryFunction::subtract ? A(-1) : A(1)}, n);
      return true;
    case BinaryFunction::multiply:
      launch_map(context, name, d, dy, other, BinaryMap<A>{f}, n);
      return true;
    case BinaryFunction::divide:
      if (!of_right) launch_map(context, name, d, dy, other, BinaryMap<A>{f}, n);
      return !of_right;
  }
  return false;
}

template <class T>
void binary_backward(Context& context, Output<T> da, Output<T> db, const T* dy, const T* a, const T* b,
                     BinaryFunction f, const Walk& walk) {
  if (const Walk merged = merge_axes(walk); is_elementwise(merged)) {
    if (da && map_gradient(context, da, dy, b, f, false, size(merged))) da = {};
    if (db && map_gradient(context, db, dy, a, f, true, size(merged))) db = {};
  }
  if (da) sum_repeated(context, "binary_backward", da, walk, 1, BinaryTerms<T, false>{dy, a, b, f});
  if (!db) return;
  Walk exchanged = walk;
  for (int axis = 0; axis < walk.rank; ++axis)
    std::swap(exchanged.a_strides[axis], exchanged.b_strides[axis]);
  sum_repeated(context, "binary_backward", db, exchanged, 1, BinaryTerms<T, true>{dy, a, b, f});
}

}  // namespace memsizer::MEMSIZER_DEVICE
