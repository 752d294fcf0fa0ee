// The kernel that docs/emulated_device.md shows.
#pragma once

#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {  // memsizer::cuda or memsizer::emulated

/// out[block] = sum of the block's elements of in [n].
template <class T>
__global__ void block_sums_kernel(T* out, const T* in, int n) {
  MEMSIZER_SHARED(T, partial, 256);  // __shared__ T partial[256]
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  partial[t] = i < n ? in[i] : T(0);
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width) partial[t] += partial[t + width];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = partial[0];
}

template <class T>
void block_sums(Context& context, T* out, const T* in, int n) {
  const unsigned blocks = (n + 255) / 256;
  launch(context, {.kernel = "block_sums", .blocks = blocks, .threads = 256}, block_sums_kernel<T>, out, in,
         n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
