#pragma once
// Steps through rings of stages, which asynchronous copies fill. Each kernel has a correct version, and a
// faulty one that takes a stage too early, or too late, or another one. A block has 32 threads, and a thread
// copies four numbers of a step.

#include "kernels/portable.cuh"

namespace faulty_kernels {

using memsizer::Vector;
inline constexpr int step_threads = 32, step_numbers = 4 * step_threads;

/// Begins to copy the thread's numbers of a step, if there is such a step.
__device__ inline void begin_step(Vector<float>* stage, const float* in, int step, int n) {
  const int t = threadIdx.x, first = step * step_numbers + 4 * t;
  if (first < n) memsizer::MEMSIZER_DEVICE::copy_16_bytes_async(stage + t, in + first, true);
}

/// out = in with each 128 numbers reversed, through three stages. A barrier ends each step before its stage
/// is filled again. Faulty: the copy begins before this barrier.
template <bool faulty>
__global__ void reverse_in_ring(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(Vector<float>, ring, 3 * step_threads);
  const int t = threadIdx.x;
  const auto begin = [&](int step) {
    begin_step(ring + step % 3 * step_threads, in, step, n);
    close_copy_group();
  };
  begin(0);
  begin(1);
  for (int step = 0; step * step_numbers < n; ++step) {
    if (faulty) begin(step + 2);
    wait_for_copies<faulty ? 2 : 1>();
    __syncthreads();
    if (!faulty) begin(step + 2);
    const Vector<float>* const stage = ring + step % 3 * step_threads;
    for (int i = 0; i < 4; ++i) {
      const int place = step_numbers - 1 - 4 * t - i;
      out[step * step_numbers + 4 * t + i] = stage[place / 4].element[place % 4];
    }
  }
  wait_for_copies<0>();
}

/// out[i] = 2 in[i], with the next step on its way into the other stage. Faulty: it is the other stage that
/// is read.
template <bool faulty>
__global__ void double_other_stage(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(Vector<float>, stages, 2 * step_threads);
  const int t = threadIdx.x;
  begin_step(stages, in, 0, n);
  close_copy_group();
  for (int step = 0; step * step_numbers < n; ++step) {
    begin_step(stages + (step + 1) % 2 * step_threads, in, step + 1, n);
    close_copy_group();
    wait_for_copies<1>();
    const Vector<float>& own = stages[(step + (faulty ? 1 : 0)) % 2 * step_threads + t];
    for (int i = 0; i < 4; ++i) out[step * step_numbers + 4 * t + i] = 2 * own.element[i];
  }
  wait_for_copies<0>();
}

/// The same. Faulty: where there is no next step there is no group, so that the wait, which leaves one group
/// pending, leaves the last step.
template <bool faulty>
__global__ void double_to_the_end(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(Vector<float>, stages, 2 * step_threads);
  const int t = threadIdx.x;
  begin_step(stages, in, 0, n);
  close_copy_group();
  for (int step = 0; step * step_numbers < n; ++step) {
    begin_step(stages + (step + 1) % 2 * step_threads, in, step + 1, n);
    if (!faulty || (step + 1) * step_numbers < n) close_copy_group();
    wait_for_copies<1>();
    const Vector<float>& own = stages[step % 2 * step_threads + t];
    for (int i = 0; i < 4; ++i) out[step * step_numbers + 4 * t + i] = 2 * own.element[i];
  }
  wait_for_copies<0>();
}

/// out[i] = 2 in[i] through three stages, of which two are filled before the first step. Faulty: both copies
/// go to the first stage.
template <bool faulty>
__global__ void double_with_prologue(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(Vector<float>, ring, 3 * step_threads);
  const int t = threadIdx.x;
  for (int step = 0; step < 2; ++step) {
    begin_step(ring + (faulty ? 0 : step) * step_threads, in, step, n);
    close_copy_group();
  }
  for (int step = 0; step * step_numbers < n; ++step) {
    wait_for_copies<1>();
    const Vector<float>& own = ring[step % 3 * step_threads + t];
    for (int i = 0; i < 4; ++i) out[step * step_numbers + 4 * t + i] = 2 * own.element[i];
    begin_step(ring + (step + 2) % 3 * step_threads, in, step + 2, n);
    close_copy_group();
  }
  wait_for_copies<0>();
}

/// out[i] = in[i] + in[i], by two copies of each step. Faulty: each copy is a group, and the wait counts as
/// if both were one.
template <bool faulty>
__global__ void add_two_copies(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(Vector<float>, left, 2 * step_threads);
  MEMSIZER_SHARED(Vector<float>, right, 2 * step_threads);
  const int t = threadIdx.x;
  const auto begin = [&](int step) {
    begin_step(left + step % 2 * step_threads, in, step, n);
    if (faulty) close_copy_group();
    begin_step(right + step % 2 * step_threads, in, step, n);
    close_copy_group();
  };
  for (int step = 0; step * step_numbers < n; ++step) {
    begin(step);
    wait_for_copies<faulty ? 1 : 0>();
    const int own = step % 2 * step_threads + t;
    for (int i = 0; i < 4; ++i)
      out[step * step_numbers + 4 * t + i] = left[own].element[i] + right[own].element[i];
  }
  wait_for_copies<0>();
}

}  // namespace faulty_kernels
