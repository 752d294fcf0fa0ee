#pragma once
// Named barriers, mostly between warps that write and warps that read. Each kernel has a correct version, and
// a faulty one in which the warps do not meet as they should.

#include "kernels/portable.cuh"

namespace faulty_kernels {

inline constexpr int full = 1, empty = 2;  // barriers of a buffer

/// out = in with each 32 numbers reversed: the first warp writes a buffer, the second reads it. Faulty: the
/// second says that the buffer is empty before it has read it.
template <bool faulty>
__global__ void hand_over(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32;
  for (int first = 0; first < n; first += 32) {
    const bool more = first + 32 < n;
    if (threadIdx.x < 32) {
      buffer[lane] = in[first + lane];
      named_barrier_arrive(full, 64);
      if (more) named_barrier_sync(empty, 64);
      continue;
    }
    named_barrier_sync(full, 64);
    if (faulty && more) named_barrier_arrive(empty, 64);
    out[first + lane] = buffer[31 - lane];
    if (!faulty && more) named_barrier_arrive(empty, 64);
  }
}

/// out = in reversed, by two warps as above. Faulty: the second warp comes to the barrier, and does not wait.
template <bool faulty>
__global__ void read_without_waiting(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32;
  if (threadIdx.x < 32) {
    buffer[lane] = in[lane];
    named_barrier_arrive(full, 64);
    return;
  }
  if (faulty)
    named_barrier_arrive(full, 64);
  else
    named_barrier_sync(full, 64);
  if (lane < n) out[lane] = buffer[31 - lane];
}

/// A barrier, and how many threads are to meet there.
struct Meeting {
  int id, threads;
};

/// out = in reversed, by two warps that mean to meet.
__device__ inline void reverse_between_warps(float* out, const float* in, Meeting writer, Meeting reader) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (warp == 0) {
    buffer[lane] = in[lane];
    named_barrier_arrive(writer.id, writer.threads);
  } else if (warp == 1) {
    named_barrier_sync(reader.id, reader.threads);
    out[lane] = buffer[31 - lane];
  }
}

/// Faulty: the warps come to different barriers.
template <bool faulty>
__global__ void different_barriers(float* out, const float* in, int) {
  reverse_between_warps(out, in, {full, 64}, {faulty ? empty : full, 64});
}
/// Faulty: the warps disagree about who comes.
template <bool faulty>
__global__ void different_counts(float* out, const float* in, int) {
  reverse_between_warps(out, in, {full, 64}, {full, faulty ? 96 : 64});
}
/// Faulty: the number is not one of whole warps.
template <bool faulty>
__global__ void part_of_a_warp(float* out, const float* in, int) {
  reverse_between_warps(out, in, {full, faulty ? 48 : 64}, {full, faulty ? 48 : 64});
}
/// Faulty: there is no such barrier.
template <bool faulty>
__global__ void seventeenth_barrier(float* out, const float* in, int) {
  reverse_between_warps(out, in, {faulty ? 16 : 15, 64}, {faulty ? 16 : 15, 64});
}
/// Faulty: the number counts all three warps of the block, of which the third does not come.
template <bool faulty>
__global__ void warp_that_stays_away(float* out, const float* in, int) {
  reverse_between_warps(out, in, {full, faulty ? 96 : 64}, {full, faulty ? 96 : 64});
}
/// Faulty: the number counts more warps than the block has.
template <bool faulty>
__global__ void more_than_the_block(float* out, const float* in, int) {
  reverse_between_warps(out, in, {full, faulty ? 128 : 64}, {full, faulty ? 128 : 64});
}
/// Faulty: the number is that of one warp, so that each meets itself.
template <bool faulty>
__global__ void each_warp_alone(float* out, const float* in, int) {
  reverse_between_warps(out, in, {full, faulty ? 32 : 64}, {full, faulty ? 32 : 64});
}

/// out = in with each 64 numbers reversed. Faulty: the halves of a warp come to different barriers.
template <bool faulty>
__global__ void halves_of_warps(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  values[t] = in[t];
  named_barrier_sync(faulty && t % 32 < 16 ? 4 : 3, 64);
  if (t < n) out[t] = values[63 - t];
}

/// out[i] = in[i] + in[i + 1] with 0 beyond n. Faulty: the threads beyond n return before the barrier, so
/// that their warp is not whole.
template <bool faulty>
__global__ void warp_with_a_gap(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  if (faulty && t >= n) return;
  values[t] = t < n ? in[t] : 0;
  named_barrier_sync(3, 64);
  if (t < n) out[t] = values[t] + (t + 1 < n ? values[t + 1] : 0);
}

/// out = in with each 64 numbers reversed, a pair of warps for each. Faulty: the pairs reach into one
/// another.
template <bool faulty>
__global__ void pairs_of_warps(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, values, 128);
  const int t = threadIdx.x, pair = t / 64;
  values[t] = t < n ? in[t] : 0;
  named_barrier_sync(1 + (faulty ? t / 32 % 2 : pair), 64);
  out[t] = values[pair * 64 + 63 - t % 64];
}

/// out = in reversed, by the first two of three warps. Faulty: the third warp comes in the place of the one
/// that writes.
template <bool faulty>
__global__ void wrong_warp_comes(float* out, const float* in, int) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (warp == 0) buffer[lane] = in[lane];
  if (warp == (faulty ? 2 : 0)) named_barrier_arrive(full, 64);
  if (warp != 1) return;
  named_barrier_sync(full, 64);
  out[lane] = buffer[31 - lane];
}

/// out = in reversed: the first of three warps writes, the second waits for it, and the third waits for the
/// second. Faulty: the second comes to the third before it has waited for the first.
template <bool faulty>
__global__ void chain_of_warps(float* out, const float* in, int) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (warp == 0) {
    buffer[lane] = in[lane];
    named_barrier_arrive(1, 64);
  } else if (warp == 1) {
    if (faulty) named_barrier_arrive(2, 64);
    named_barrier_sync(1, 64);
    if (!faulty) named_barrier_arrive(2, 64);
  } else {
    named_barrier_sync(2, 64);
    out[lane] = buffer[31 - lane];
  }
}

/// The same with two warps. Faulty: the first comes once more than the second waits.
template <bool faulty>
__global__ void one_time_too_many(float* out, const float* in, int) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32;
  if (threadIdx.x < 32) {
    buffer[lane] = in[lane];
    named_barrier_arrive(full, 64);
    if (faulty) named_barrier_arrive(full, 64);
    return;
  }
  named_barrier_sync(full, 64);
  out[lane] = buffer[31 - lane];
}

/// The same with three warps, of which the third only comes. Faulty: the first comes twice in its place.
template <bool faulty>
__global__ void twice_for_two(float* out, const float* in, int) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, buffer, 32);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  if (warp == 0) buffer[lane] = in[lane];
  if (warp == 0 || (!faulty && warp == 2)) named_barrier_arrive(full, 96);
  if (faulty && warp == 0) named_barrier_arrive(full, 96);
  if (warp != 1) return;
  named_barrier_sync(full, 96);
  out[lane] = buffer[31 - lane];
}

/// out = in with each 64 numbers reversed. Faulty: one warp waits at barrier 0, the other in __syncthreads,
/// which is the same barrier.
template <bool faulty>
__global__ void barrier_of_two_names(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(float, values, 64);
  const int t = threadIdx.x;
  values[t] = in[t];
  if (faulty && t < 32)
    named_barrier_sync(0, 64);
  else
    __syncthreads();
  if (t < n) out[t] = values[63 - t];
}

}  // namespace faulty_kernels
