#pragma once
// Barriers and shuffles in branches. Each kernel has a correct version, and a faulty one in which threads are
// missing.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out[i] = in[i] of the block in reverse order. Faulty: the threads beyond n skip the barrier.
template <bool faulty>
__global__ void reverse_block(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x, first = blockIdx.x * blockDim.x;
  const int size = n - first < static_cast<int>(blockDim.x) ? n - first : static_cast<int>(blockDim.x);
  if (t < size) {
    values[t] = in[first + t];
    if (faulty) __syncthreads();
  }
  if (!faulty) __syncthreads();
  if (t < size) out[first + t] = values[size - 1 - t];
}

/// out[i] = in[i] + in[i + 1] (0 beyond the block's end). Faulty: the threads beyond n return before the
/// barrier.
template <bool faulty>
__global__ void add_next(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  if (faulty && t >= n) return;
  if (t < n) values[t] = in[t];
  __syncthreads();
  if (t < n) out[t] = values[t] + (t + 1 < n ? values[t + 1] : 0);
}

/// out[0] = sum of 16 elements by the lower half of a warp. Faulty: the half names all 32 lanes.
template <bool faulty>
__global__ void half_warp_sum(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, result, 1);
  const int t = threadIdx.x;
  if (t < 16) {
    float sum = t < n ? in[t] : 0;
    const unsigned lanes = faulty ? 0xffffffffu : 0xffffu;
    for (int distance = 8; distance > 0; distance /= 2) sum += __shfl_xor_sync(lanes, sum, distance);
    if (t == 0) result[0] = sum;
  }
  __syncthreads();
  if (t == 0) out[0] = result[0];
}

}  // namespace faulty_kernels
