#pragma once
// A user's own CUDA kernels: softsign, y = x / (1 + |x|), and its backward, dx (+)= dy / (1 + |x|)^2. The
// same source compiles with nvcc for a GPU, and with g++ or clang for the emulated device.

#include "memsizer/device/arguments.hpp"

#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class T>
__global__ void softsign_kernel(T* y, const T* x, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] / (1 + std::abs(x[i]));
}

template <class T>
__global__ void softsign_backward_kernel(Output<T> dx, const T* dy, const T* x, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const T root = 1 / (1 + std::abs(x[i]));
  const T value = dy[i] * root * root;
  dx.data[i] = dx.accumulate ? dx.data[i] + value : value;
}

inline constexpr unsigned softsign_threads = 128;

template <class T>
void softsign(Context& context, T* y, const T* x, Index n) {
  const auto blocks = static_cast<unsigned>(divide_up(n, softsign_threads));
  if (n > 0) launch(context, {"softsign", {blocks}, {softsign_threads}}, softsign_kernel<T>, y, x, n);
}

template <class T>
void softsign_backward(Context& context, Output<T> dx, const T* dy, const T* x, Index n) {
  const auto blocks = static_cast<unsigned>(divide_up(n, softsign_threads));
  if (n > 0)
    launch(context, {"softsign_backward", {blocks}, {softsign_threads}}, softsign_backward_kernel<T>, dx, dy,
           x, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
