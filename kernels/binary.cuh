#pragma once
// Binary operations with broadcasting, and their gradients, which are summed over repeated axes.

#include <algorithm>

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

/// y = f(a, b). Each thread has one element.
template <class T>
__global__ void binary_kernel(T* y, const T* a, const T* b, BinaryFunction f, Walk walk, Index n) {
  using A = Accumulate<T>;
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(walk, i);
  y[at.y] = static_cast<T>(binary_value(f, static_cast<A>(a[at.a]), static_cast<A>(b[at.b])));
}

template <class T>
void binary(Context& context, T* y, const T* a, const T* b, BinaryFunction f, const Walk& walk) {
  const Walk plain = merge_axes(walk);
  launch_elements(context, "binary", size(plain), binary_kernel<T>, y, a, b, f, plain, size(plain));
}

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

template <class T>
void binary_backward(Context& context, Output<T> da, Output<T> db, const T* dy, const T* a, const T* b,
                     BinaryFunction f, const Walk& walk) {
  if (da) sum_repeated(context, "binary_backward", da, walk, 1, BinaryTerms<T, false>{dy, a, b, f});
  if (!db) return;
  Walk exchanged = walk;
  for (int axis = 0; axis < walk.rank; ++axis)
    std::swap(exchanged.a_strides[axis], exchanged.b_strides[axis]);
  sum_repeated(context, "binary_backward", db, exchanged, 1, BinaryTerms<T, true>{dy, a, b, f});
}

}  // namespace memsizer::MEMSIZER_DEVICE
