#pragma once
// What a tape needs to begin with: filling an array, and y (+)= scale x + shift.

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class T>
__global__ void fill_kernel(T* y, T value, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = value;
}

template <class T>
__global__ void affine_kernel(Output<T> y, const T* x, T scale, T shift, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) contribute(y, i, scale * x[i] + shift);
}

template <class T>
void fill(Context& context, T* y, T value, Index n) {
  launch_elements(context, "fill", n, fill_kernel<T>, y, value, n);
}

template <class T>
void affine(Context& context, Output<T> y, const T* x, double scale, double shift, Index n) {
  launch_elements(context, "affine", n, affine_kernel<T>, y, x, scale, shift, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
