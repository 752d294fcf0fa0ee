#pragma once
// Single copies, and what surrounds them. Each kernel has a correct version, and a faulty one that does not
// wait, waits at the wrong place, or touches what a copy has not brought yet. A block has 32 threads, and n
// is at most 128.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out[i] = 2 in[i]. Faulty: the copies are never closed as a group, so that no wait is for them.
template <bool faulty>
__global__ void double_without_group(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 32);
  const int t = threadIdx.x;
  if (4 * t < n) copy_16_bytes_async(staged + t, in + 4 * t, true);
  if (!faulty) close_copy_group();
  wait_for_copies<0>();
  for (int i = 0; 4 * t < n && i < 4; ++i) out[4 * t + i] = 2 * staged[t].element[i];
}

/// out[i] = in[i] in groups of four that begin with at most 6, else 0. Faulty: threads whose group begins
/// with more return before they have waited for it.
template <bool faulty>
__global__ void keep_small_groups(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 32);
  const int t = threadIdx.x;
  if (4 * t >= n) return;
  copy_16_bytes_async(staged + t, in + 4 * t, true);
  close_copy_group();
  if (faulty && in[4 * t] > 6) return;
  wait_for_copies<0>();
  for (int i = 0; i < 4; ++i) out[4 * t + i] = in[4 * t] > 6 ? 0 : staged[t].element[i];
}

/// out[i] = in[i ^ 1], by copies. The first threads set the groups behind n to zero. Faulty: they begin one
/// group too early, where another thread's copy goes.
template <bool faulty>
__global__ void zeros_behind_copies(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 33);
  const int t = threadIdx.x, groups = n / 4;
  if (t < groups) copy_16_bytes_async(staged + t, in + 4 * t, true);
  close_copy_group();
  for (int i = 0; t < 32 - groups && i < 4; ++i) staged[groups + t - (faulty ? 1 : 0)].element[i] = 0;
  wait_for_copies<0>();
  __syncthreads();
  for (int i = 0; t < groups && i < 4; ++i) out[4 * t + i] = staged[t].element[i ^ 1];
}

/// out[i] = 2 in[i], through rows of shared memory of which each has four numbers and some that are empty.
/// Faulty: a row is 9 numbers long, so that most rows do not begin at a multiple of 16 bytes.
template <bool faulty>
__global__ void double_in_long_rows(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  constexpr int row = faulty ? 9 : 12;
  MEMSIZER_SHARED(memsizer::Vector<float>, rows, 3 * 32);
  const int t = threadIdx.x;
  float* const own = rows->element + t * row;
  if (4 * t < n) copy_16_bytes_async(own, in + 4 * t, true);
  close_copy_group();
  wait_for_copies<0>();
  for (int i = 0; 4 * t < n && i < 4; ++i) out[4 * t + i] = 2 * own[i];
}

/// out[i] = 2 in[i], where the last group has less than four numbers, which are not copied at once. Faulty:
/// they are.
template <bool faulty>
__global__ void double_odd_end(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 32);
  const int t = threadIdx.x;
  if (faulty ? 4 * t < n : 4 * t + 4 <= n)
    copy_16_bytes_async(staged + t, in + 4 * t, true);
  else
    for (int i = 0; 4 * t + i < n; ++i) staged[t].element[i] = in[4 * t + i];
  close_copy_group();
  wait_for_copies<0>();
  for (int i = 0; i < 4 && 4 * t + i < n; ++i) out[4 * t + i] = 2 * staged[t].element[i];
}

/// out[i] = in[i] for i < n, and 0 for those behind, up to a multiple of four. Faulty: the zeros are written
/// while the copy is on its way, which may then overwrite them.
template <bool faulty>
__global__ void clear_behind(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 32);
  const int t = threadIdx.x;
  const auto clear = [&] {
    for (int i = 0; i < 4; ++i)
      if (4 * t + i >= n) staged[t].element[i] = 0;
  };
  if (4 * t < n) copy_16_bytes_async(staged + t, in + 4 * t, true);
  close_copy_group();
  if (faulty) clear();
  wait_for_copies<0>();
  if (!faulty) clear();
  for (int i = 0; 4 * t < n && i < 4; ++i) out[4 * t + i] = staged[t].element[i];
}

/// out = in with groups of four in reverse order. Faulty: the barrier stands before the wait, so that it says
/// nothing of the copies of others.
template <bool faulty>
__global__ void barrier_before_wait(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 32);
  const int t = threadIdx.x, groups = n / 4;
  if (t < groups) copy_16_bytes_async(staged + t, in + 4 * t, true);
  close_copy_group();
  if (faulty) __syncthreads();
  wait_for_copies<0>();
  if (!faulty) __syncthreads();
  for (int i = 0; t < groups && i < 4; ++i) out[4 * t + i] = staged[groups - 1 - t].element[i];
}

/// The same. Faulty: one thread waits for all, though a wait is for the thread's own copies.
template <bool faulty>
__global__ void one_thread_waits(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, staged, 32);
  const int t = threadIdx.x, groups = n / 4;
  if (t < groups) copy_16_bytes_async(staged + t, in + 4 * t, true);
  close_copy_group();
  if (!faulty || t == 0) wait_for_copies<0>();
  __syncthreads();
  for (int i = 0; t < groups && i < 4; ++i) out[4 * t + i] = staged[groups - 1 - t].element[i];
}

}  // namespace faulty_kernels
