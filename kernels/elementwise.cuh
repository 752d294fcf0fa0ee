#pragma once
// What a tape needs to begin with: filling an array, y (+)= scale x + shift, and conversions.

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

/// y (+)= x, converted.
template <class To, class From>
__global__ void convert_kernel(Output<To> y, const From* x, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y.data[i] = static_cast<To>(y.accumulate ? y.data[i] + x[i] : x[i]);
}

template <class T>
void fill(Context& context, T* y, T value, Index n) {
  launch_elements(context, "fill", n, fill_kernel<T>, y, value, n);
}

template <class T>
void affine(Context& context, Output<T> y, const T* x, double scale, double shift, Index n) {
  launch_elements(context, "affine", n, affine_kernel<T>, y, x, scale, shift, n);
}

template <class To, class From>
void convert(Context& context, Output<To> y, const From* x, Index n) {
  launch_elements(context, "convert", n, convert_kernel<To, From>, y, x, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
