#pragma once
// Lanes of a warp. Each kernel has a correct version, and a faulty one whose masks do not name those that
// take part, or whose lanes rely on more order than there is.

#include "kernels/portable.cuh"

namespace faulty_kernels {

inline constexpr unsigned all_lanes = 0xffffffffu;

/// out[i] = in[i] + in[i + 1] with 0 beyond n, for at most 31 numbers. Faulty: the lanes in range name only
/// one another, and the last one reads from a lane beyond.
template <bool faulty>
__global__ void read_beyond_mask(float* out, const float* in, int n) {
  const int t = threadIdx.x;
  const unsigned in_range = __ballot_sync(all_lanes, t < n);
  const float own = t < n ? in[t] : 0;
  if (faulty && t >= n) return;
  const float next = __shfl_down_sync(faulty ? in_range : all_lanes, own, 1);
  if (t < n) out[t] = own + next;
}

/// out[i] = in[i] - in[0] for i > 0, and 0 for i = 0. Faulty: the first lane, from which all read, has
/// returned.
template <bool faulty>
__global__ void read_from_departed(float* out, const float* in, int n) {
  const int t = threadIdx.x;
  const float own = t < n ? in[t] : 0;
  if (faulty && t == 0) return;
  const float first = __shfl_sync(all_lanes, own, 0);
  if (t < n) out[t] = own - first;
}

/// out[i] = sum of row i of in [32, 32], where row i has i + 1 numbers, and the lanes go through each row
/// together. Faulty: a lane goes through its own row, so that the lanes meet in fewer and fewer steps.
template <bool faulty>
__global__ void rows_of_a_triangle(float* out, const float* in, int n) {
  const int t = threadIdx.x;
  float sum = 0;
  for (int column = 0; column < (faulty ? t + 1 : n); ++column) {
    const float number = __shfl_sync(all_lanes, column <= t ? in[t * n + column] : 0, t);
    sum += number;
  }
  __syncwarp();
  out[t] = sum;
}

/// out[i] = in[i ^ 1] through shared memory. Faulty: all lanes call a barrier that names the even lanes only.
template <bool faulty>
__global__ void caller_not_named(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 32);
  const int t = threadIdx.x;
  values[t] = in[t];
  __syncwarp(faulty ? 0x55555555u : all_lanes);
  if (t < n) out[t] = values[t ^ 1];
}

/// out[i] = in[i ^ 16]. Faulty: each half of the warp synchronises itself, and reads from the other.
template <bool faulty>
__global__ void swap_halves(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 32);
  const int t = threadIdx.x;
  values[t] = in[t];
  __syncwarp(!faulty ? all_lanes : t < 16 ? 0x0000ffffu : 0xffff0000u);
  if (t < n) out[t] = values[t ^ 16];
}

/// out = in with each 64 numbers reversed. Faulty: a barrier of the warp, where two warps exchange numbers.
template <bool faulty>
__global__ void reverse_across_warps(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  values[t] = in[t];
  if (faulty)
    __syncwarp();
  else
    __syncthreads();
  if (t < n) out[t] = values[63 - t];
}

/// out[i] = in[i ^ 1]. Faulty: even and odd lanes call their shuffles in two branches, which are two
/// shuffles.
template <bool faulty>
__global__ void shuffle_in_two_branches(float* out, const float* in, int n) {
  const int t = threadIdx.x;
  const float own = in[t];
  float other = 0;
  if (!faulty)
    other = __shfl_xor_sync(all_lanes, own, 1);
  else if (t % 2 == 0)
    other = __shfl_down_sync(all_lanes, own, 1);
  else
    other = __shfl_up_sync(all_lanes, own, 1);
  if (t < n) out[t] = other;
}

/// out[0] = sum of 128 numbers: warps, and then their sums. Faulty: the last warp's sum is missing.
template <bool faulty>
__global__ void sum_of_warps(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, partial, 4);
  const int t = threadIdx.x, warp = t / 32, warps = blockDim.x / 32;
  float sum = t < n ? in[t] : 0;
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(all_lanes, sum, distance);
  if (t % 32 == 0 && (!faulty || warp < warps - 1)) partial[warp] = sum;
  __syncthreads();
  if (t > 0) return;
  for (int i = 0; i < warps; ++i) out[0] += partial[i];
}

}  // namespace faulty_kernels
