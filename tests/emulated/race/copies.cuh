#pragma once
// Asynchronous copies. Each kernel has a correct version, and a faulty one that waits too little, or copies
// over what others still read.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// What a copy of 16 bytes brings: its place in shared memory is a multiple of 16.
struct alignas(16) FourFloats {
  float number[4];
};

/// out = in with groups of four in reverse order, for n a multiple of 4 and a thread for each group. Faulty:
/// the threads do not wait for their copies.
template <bool faulty>
__global__ void reverse_fours(float* out, const float* in, int n) {
  MEMSIZER_SHARED(FourFloats, staged, 64);
  const int t = threadIdx.x, groups = n / 4;
  if (t < groups) memsizer::MEMSIZER_DEVICE::copy_16_bytes_async(staged + t, in + 4 * t, true);
  memsizer::MEMSIZER_DEVICE::close_copy_group();
  if (!faulty) memsizer::MEMSIZER_DEVICE::wait_for_copies<0>();
  __syncthreads();
  for (int i = 0; t < groups && i < 4; ++i) out[4 * t + i] = staged[groups - 1 - t].number[i];
  if (faulty) memsizer::MEMSIZER_DEVICE::wait_for_copies<0>();
}

/// out[i] = 2 in[i], in steps of 4 numbers a thread, with the next step on its way. Faulty: the wait leaves
/// both groups pending, and so the step itself.
template <bool faulty>
__global__ void double_in_steps(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(FourFloats, steps, 2 * 32);
  const int t = threadIdx.x, step = 4 * static_cast<int>(blockDim.x);
  const auto begin = [&](int first) {
    if (first < n) copy_16_bytes_async(steps + first / step % 2 * 32 + t, in + first + 4 * t, true);
    close_copy_group();
  };
  begin(0);
  for (int first = 0; first < n; first += step) {
    begin(first + step);
    wait_for_copies<faulty ? 2 : 1>();
    for (int i = 0; i < 4; ++i) out[first + 4 * t + i] = 2 * steps[first / step % 2 * 32 + t].number[i];
  }
  wait_for_copies<0>();
}

/// out[i] = in[i + 4], and 0 for the last four, by copies of four numbers. Faulty: they begin one number
/// later.
template <bool faulty>
__global__ void shift_by_four(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(FourFloats, staged, 64);
  const int t = threadIdx.x, first = 4 * t + 4 - (faulty ? 3 : 0);
  if (4 * t < n) copy_16_bytes_async(staged + t, in + (first < n ? first : 0), first < n);
  close_copy_group();
  wait_for_copies<0>();
  for (int i = 0; 4 * t < n && i < 4; ++i) out[4 * t + i] = staged[t].number[i];
}

/// out[i] = in[i ^ 1] by numbers that another thread has copied. Faulty: there is a wait, which is for the
/// thread's own copies, and no barrier.
template <bool faulty>
__global__ void swap_pairs(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(FourFloats, pairs, 64);
  const int t = threadIdx.x;
  if (t % 4 == 0 && t < n) copy_16_bytes_async(pairs + t / 4, in + t, true);
  close_copy_group();
  wait_for_copies<0>();
  if (!faulty) __syncthreads();
  if (t < n) out[t] = pairs[t / 4].number[(t ^ 1) % 4];
}

/// out = in with each 64 numbers reversed, two blocks of 64 through one array. Faulty: the second copy begins
/// while others still read the first.
template <bool faulty>
__global__ void reverse_in_turns(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(FourFloats, turn, 16);
  const int t = threadIdx.x;
  for (int first = 0; first < n; first += 64) {
    if (!faulty) __syncthreads();
    if (t % 4 == 0) copy_16_bytes_async(turn + t / 4, in + first + t, true);
    close_copy_group();
    wait_for_copies<0>();
    __syncthreads();
    out[first + t] = turn[(63 - t) / 4].number[(63 - t) % 4];
  }
}

}  // namespace faulty_kernels
