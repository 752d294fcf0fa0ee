#pragma once
// Reductions and scans of small integers in [n]. Each kernel has a correct version, and a faulty one that
// lacks a barrier.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out[block] = sum of the block's elements, by a tree. Faulty: a level of the tree may read sums that the
/// level before has not written yet.
template <bool faulty>
__global__ void tree_sum(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, partial, 128);
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  partial[t] = i < n ? in[i] : 0;
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width) partial[t] += partial[t + width];
    if (!faulty) __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = partial[0];
}

/// out[i] = in[0] + ... + in[i] for one block (Hillis and Steele 1986). Faulty: a thread writes its sum while
/// its neighbour may still need the old one.
template <bool faulty>
__global__ void inclusive_scan(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, sums, 128);
  const int t = threadIdx.x;
  sums[t] = t < n ? in[t] : 0;
  __syncthreads();
  for (int distance = 1; distance < static_cast<int>(blockDim.x); distance *= 2) {
    const float before = t >= distance ? sums[t - distance] : 0;
    if (!faulty) __syncthreads();
    sums[t] += before;
    __syncthreads();
  }
  if (t < n) out[t] = sums[t];
}

/// out[i] = in[i] - the largest of in. Faulty: the array that holds the maximum is overwritten before all
/// threads have read it.
template <bool faulty>
__global__ void subtract_maximum(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, scratch, 64);
  const int t = threadIdx.x;
  scratch[t] = in[t < n ? t : 0];
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width && scratch[t + width] > scratch[t]) scratch[t] = scratch[t + width];
    __syncthreads();
  }
  const float maximum = scratch[0];
  if (!faulty) __syncthreads();
  scratch[t] = t < n ? in[t] - maximum : 0;
  __syncthreads();
  if (t < n) out[t] = scratch[t];
}

/// out[i] = in[i] - mean. Faulty: the other threads read the mean before thread 0 has written it.
template <bool faulty>
__global__ void subtract_mean(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, mean, 1);
  const int t = threadIdx.x;
  if (t == 0) {
    float sum = 0;
    for (int i = 0; i < n; ++i) sum += in[i];
    mean[0] = sum / static_cast<float>(n);
  }
  if (!faulty) __syncthreads();
  if (t < n) out[t] = in[t] - mean[0];
}

/// out[warp] = sum of each warp's 32 elements. Faulty: relies on a warp running in lockstep, as on GPUs
/// before 2017.
template <bool faulty>
__global__ void warp_sum(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, partial, 128);
  const int t = threadIdx.x, lane = t % 32;
  partial[t] = t < n ? in[t] : 0;
  __syncwarp();
  for (int width = 16; width > 0; width /= 2) {
    const float sum = lane < width ? partial[t] + partial[t + width] : 0;
    if (!faulty) __syncwarp();
    if (lane < width) partial[t] = sum;
    if (!faulty) __syncwarp();
  }
  if (lane == 0) out[t / 32] = partial[t];
}

/// out[i] = in[neighbour in the warp]. Faulty: relies on a shuffle, which brings the lanes together but
/// orders no memory.
template <bool faulty>
__global__ void swap_neighbours(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  values[t] = in[t];
  const float threads = __shfl_sync(0xffffffffu, static_cast<float>(n), 0);
  if (!faulty) __syncwarp();
  if (static_cast<float>(t) < threads) out[t] = values[t ^ 1];
}

/// out[block * 8 + b] = how many of the block's elements have the value b modulo 8. Faulty: the counts are
/// read before all threads have counted.
template <bool faulty>
__global__ void histogram(float* out, const float* in, int n) {
  MEMSIZER_SHARED(int, bins, 8);
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  if (t < 8) bins[t] = 0;
  __syncthreads();
  if (i < n) atomicAdd(&bins[static_cast<int>(in[i]) % 8], 1);
  if (!faulty) __syncthreads();
  if (t < 8) out[blockIdx.x * 8 + t] = static_cast<float>(bins[t]);
}

/// out[0] = how many numbers are positive. Faulty: the count is set to zero while others may count.
template <bool faulty>
__global__ void count_positive(float* out, const float* in, int n) {
  MEMSIZER_SHARED(int, count, 1);
  const int t = threadIdx.x;
  if (t == 0) count[0] = 0;
  if (!faulty) __syncthreads();
  if (t < n && in[t] > 0) atomicAdd(count, 1);
  __syncthreads();
  if (t == 0) out[0] = static_cast<float>(count[0]);
}

/// out[0] = how many numbers are positive, at most 10. Faulty: threads read the count as an ordinary number
/// while others count.
template <bool faulty>
__global__ void count_some(float* out, const float* in, int n) {
  MEMSIZER_SHARED(int, count, 1);
  const int t = threadIdx.x;
  if (t == 0) count[0] = 0;
  __syncthreads();
  const bool positive = t < n && in[t] > 0;
  if (faulty && positive && count[0] < 10) atomicAdd(count, 1);
  if (!faulty && positive) atomicAdd(count, 1);
  __syncthreads();
  if (t == 0) out[0] = static_cast<float>(count[0] < 10 ? count[0] : 10);
}

}  // namespace faulty_kernels
