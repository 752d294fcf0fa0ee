#pragma once
// The ends of arrays, and shared memory that was never written. Each kernel has a correct and a faulty
// version.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out[i] = 2 in[i]. Faulty: the last block writes beyond n.
template <bool faulty>
__global__ void twice(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (faulty || i < n) out[i] = 2 * in[i < n ? i : n - 1];
}

/// out[i] = in[i - 1] + in[i] + in[i + 1] with zeros beyond both ends. Faulty: the shared copy has no room
/// for the last zero.
template <bool faulty>
__global__ void three_point_sum(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, (faulty ? 65 : 66));
  const int t = threadIdx.x;
  values[t + 1] = t < n ? in[t] : 0;
  if (t == 0) values[0] = values[blockDim.x + 1] = 0;
  __syncthreads();
  if (t < n) out[t] = values[t] + values[t + 1] + values[t + 2];
}

/// out[block] = sum of the block's elements. Faulty: the threads beyond n do not write their zero.
template <bool faulty>
__global__ void tail_sum(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, partial, 64);
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  if (i < n)
    partial[t] = in[i];
  else if (!faulty)
    partial[t] = 0;
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width) partial[t] += partial[t + width];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = partial[0];
}

/// out[b] = how many elements have the value b modulo 8. Faulty: nobody sets the counts to 0 first.
template <bool faulty>
__global__ void count_values(float* out, const float* in, int n) {
  MEMSIZER_SHARED(int, bins, 8);
  const int t = threadIdx.x;
  if (!faulty && t < 8) bins[t] = 0;
  __syncthreads();
  if (t < n) atomicAdd(&bins[static_cast<int>(in[t]) % 8], 1);
  __syncthreads();
  if (t < 8) out[t] = static_cast<float>(bins[t]);
}

/// out[0] = sum of in, for one thread. Faulty: the loop counts to n itself.
template <bool faulty>
__global__ void sum_to_n(float* out, const float* in, int n) {
  if (threadIdx.x != 0) return;
  for (int i = 0; faulty ? i <= n : i < n; ++i) out[0] += in[i];
}

/// out[i] = in[i] + in[i - 1], and in[0] for the first. Faulty: an unsigned index goes from 0 to the largest
/// number there is.
template <bool faulty>
__global__ void index_below_zero(float* out, const float* in, int n) {
  const unsigned i = threadIdx.x;
  if (i >= static_cast<unsigned>(n)) return;
  out[i] = in[i] + (faulty || i > 0 ? in[i - 1] : 0);
}

/// out[i] = in[i - 1] with 0 for the first, through shared memory. Faulty: the first thread reads in front of
/// the array.
template <bool faulty>
__global__ void shift_through_shared(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  values[t] = in[t];
  __syncthreads();
  if (t < n) out[t] = faulty || t > 0 ? values[t - 1] : 0;
}

/// out[i] = in[i + 4] with 0 for the last four. Faulty: the numbers behind the last of a block of 64 are not
/// set to zero.
template <bool faulty>
__global__ void shift_by_a_rim(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 68);
  const int t = threadIdx.x;
  values[t] = t < n ? in[t] : 0;
  if (!faulty && t < 4) values[64 + t] = 0;
  __syncthreads();
  if (t < n) out[t] = values[t + 4];
}

}  // namespace faulty_kernels
