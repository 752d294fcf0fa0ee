#pragma once
// Launches: what a kernel is given. Each launcher has a correct version, and a faulty one that gives too
// little, or asks for more than a GPU has.

#include "kernels/portable.cuh"

namespace faulty_kernels {

using memsizer::emulated::EmulatedContext;
using memsizer::emulated::LaunchShape;

/// out[i] = 2 in[i].
__global__ inline void doubled_kernel(float* out, const float* in, int n) {
  for (int i = threadIdx.x; i < n; i += blockDim.x) out[i] = 2 * in[i];
}

/// Faulty: the kernel was compiled for fewer threads than the block has.
template <bool faulty>
void more_threads_than_bound(EmulatedContext& context, LaunchShape shape, float* out, const float* in,
                             int n) {
  shape.most_threads = static_cast<unsigned>(shape.threads.count()) - (faulty ? 1 : 0);
  launch(context, shape, doubled_kernel, out, in, n);
}

/// out[i] = 2 in[i], through static arrays of `static_numbers` numbers, and dynamic memory behind them.
template <int static_numbers>
__global__ void doubled_through_both(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, fixed, static_numbers);
  MEMSIZER_DYNAMIC_SHARED(float, more);
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    fixed[i] = more[i] = in[i];
    out[i] = fixed[i] + more[i];
  }
}

/// Faulty: static arrays are one number larger than the 48 KB that a block always has.
template <bool faulty>
void static_arrays_too_large(EmulatedContext& context, LaunchShape shape, float* out, const float* in,
                             int n) {
  shape.shared_bytes = 64 * 1024;
  launch(context, shape, doubled_through_both<12 * 1024 + (faulty ? 1 : 0)>, out, in, n);
}

/// Faulty: 40 KB of dynamic memory, for which a launch need not ask, but with the static arrays it is more
/// than 48 KB.
template <bool faulty>
void more_than_always_allowed(EmulatedContext& context, LaunchShape shape, float* out, const float* in,
                              int n) {
  shape.shared_bytes = 40 * 1024;
  launch(context, shape, doubled_through_both<2 * 1024 + (faulty ? 1 : 0)>, out, in, n);
}

/// Faulty: with the static arrays, the dynamic memory is more than the GPU has for a block.
template <bool faulty>
void more_than_the_gpu_has(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  shape.shared_bytes = context.gpu.most_shared_bytes - 8 * 1024;
  launch(context, shape, doubled_through_both<2 * 1024 + (faulty ? 1 : 0)>, out, in, n);
}

/// The dynamic memory alone is more than the GPU has. The correct version runs on a larger GPU.
template <bool faulty>
void for_a_larger_gpu(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  context.gpu = faulty ? memsizer::emulated::ampere : memsizer::emulated::hopper;
  shape.shared_bytes = 200 * 1024;
  launch(context, shape, doubled_through_both<1024>, out, in, n);
}

/// out[block] = sum of its 64 numbers through dynamic memory.
__global__ inline void dynamic_sum_kernel(float* out, const float* in, int n) {
  MEMSIZER_DYNAMIC_SHARED(float, values);
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  values[t] = i < n ? in[i] : 0;
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (t < width) values[t] += values[t + width];
    __syncthreads();
  }
  if (t == 0) out[blockIdx.x] = values[0];
}

/// Faulty: the launch gives a byte for each number.
template <bool faulty>
void bytes_for_numbers(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  shape.shared_bytes = shape.threads.count() * (faulty ? 1 : sizeof(float));
  launch(context, shape, dynamic_sum_kernel, out, in, n);
}

/// out[i] = 2 in[i] by vectors in dynamic memory, behind a header of `header` numbers.
template <int header>
__global__ void doubled_behind_header(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_DYNAMIC_SHARED(float, numbers);
  const int t = threadIdx.x;
  float* const own = numbers + header + 4 * t;
  if (t < header) numbers[t] = 2;
  for (int i = 0; i < 4; ++i) own[i] = 4 * t + i < n ? in[4 * t + i] : 0;
  __syncthreads();
  const memsizer::Vector<float> vector = load_vector(own);
  for (int i = 0; i < 4 && 4 * t + i < n; ++i) out[4 * t + i] = numbers[0] * vector.element[i];
}

/// Faulty: the header is not a whole number of vectors, so that the vectors behind it are misaligned.
template <bool faulty>
void header_of_five(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  shape.shared_bytes = (8 + 4 * shape.threads.count()) * sizeof(float);
  launch(context, shape, doubled_behind_header < faulty ? 5 : 8 >, out, in, n);
}

/// parts[block] = sum of its numbers, by one thread.
__global__ inline void parts_kernel(float* parts, const float* in, int n) {
  if (threadIdx.x != 0) return;
  float sum = 0;
  for (int i = blockIdx.x * blockDim.x; i < n && i < static_cast<int>((blockIdx.x + 1) * blockDim.x); ++i)
    sum += in[i];
  parts[blockIdx.x] = sum;
}
__global__ inline void copy_kernel(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i];
}

/// out[block] = sum of its numbers, through the workspace. Faulty: it is rounded down to whole blocks of
/// numbers, and the last block has no room.
template <bool faulty>
void workspace_too_small(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  const int blocks = static_cast<int>(shape.blocks.x), threads = static_cast<int>(shape.threads.x);
  auto* const parts = memsizer::emulated::workspace<float>(context, faulty ? n / threads : blocks);
  launch(context, shape, parts_kernel, parts, in, n);
  launch(context, {.kernel = shape.kernel, .blocks = 1, .threads = shape.threads}, copy_kernel, out, parts,
         blocks);
}

/// The same. Faulty: the second kernel reads a workspace after another one was asked for, with which it
/// ended.
template <bool faulty>
void workspace_of_before(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  const int blocks = static_cast<int>(shape.blocks.x);
  auto* const parts = memsizer::emulated::workspace<float>(context, blocks);
  launch(context, shape, parts_kernel, parts, in, n);
  if (faulty) memsizer::emulated::workspace<float>(context, blocks);
  launch(context, {.kernel = shape.kernel, .blocks = 1, .threads = shape.threads}, copy_kernel, out, parts,
         blocks);
}

}  // namespace faulty_kernels
