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

/// out[i] = sum of column i of in [rows, 64], where column i has 1 + i % 4 numbers, through shared memory.
/// Faulty: a thread leaves the loop with its own column, and not with the longest one.
template <bool faulty>
__global__ void columns_of_their_own(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, row, 64);
  const int t = threadIdx.x, rows = 1 + t % 4;
  float sum = 0;
  for (int i = 0; i < (faulty ? rows : n / 64); ++i) {
    row[t] = in[i * 64 + t];
    __syncthreads();
    if (i < rows) sum += row[t];
    __syncthreads();
  }
  out[t] = sum;
}

/// out[i] = the first power of two that is not less than in[i], in steps that end when no thread needs one
/// more. Faulty: a thread returns from the loop when it needs none itself.
template <bool faulty>
__global__ void double_until_enough(float* out, const float* in, int n) {
  MEMSIZER_SHARED(int, unfinished, 1);
  const int t = threadIdx.x;
  float power = 1;
  for (bool more = true; more;) {
    const bool enough = t >= n || power >= in[t];
    if (faulty && enough) break;
    __syncthreads();
    if (t == 0) unfinished[0] = 0;
    __syncthreads();
    if (!enough) atomicAdd(unfinished, 1);
    __syncthreads();
    more = atomicAdd(unfinished, 0) > 0;
    if (!enough) power *= 2;
  }
  if (t < n) out[t] = power;
}

/// out[i] = in[i ^ 1]. Faulty: even and odd threads have a barrier each, in two branches.
template <bool faulty>
__global__ void barrier_in_each_branch(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  values[t] = in[t];
  if (!faulty) __syncthreads();
  if (t % 2 == 0) {
    if (faulty) __syncthreads();
    if (t < n) out[t] = values[t + 1];
  } else {
    if (faulty) __syncthreads();
    if (t < n) out[t] = values[t - 1];
  }
}

}  // namespace faulty_kernels
