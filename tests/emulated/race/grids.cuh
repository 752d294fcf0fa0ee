#pragma once
// Blocks that share an output or a workspace, beyond blocks.cuh. Each launcher or kernel has a correct
// version, and a faulty one in which one block needs what another one does at some other time.

#include "emulated/race/launches.cuh"

namespace faulty_kernels {

/// out[row] = sum of a row of 8 of the n numbers, four rows a block. Faulty: a block has five rows, of which
/// the last is the next block's first.
template <bool faulty>
__global__ void overlapping_rows(float* out, const float* in, int n) {
  const int first = 4 * static_cast<int>(blockIdx.x), rows = faulty ? 5 : 4, t = threadIdx.x;
  if (t >= rows || first + t >= n / 8) return;
  float sum = 0;
  for (int i = 0; i < 8; ++i) sum += in[(first + t) * 8 + i];
  out[first + t] = sum;
}

/// out[i] = 2 in[i], 30 numbers a block. Faulty: each block also writes the number beside its own, on both
/// sides, as it would fill the rim of a tile.
template <bool faulty>
__global__ void write_the_rim(float* out, const float* in, int n) {
  const int t = threadIdx.x, i = 30 * static_cast<int>(blockIdx.x) + t - 1;
  if (!faulty && (t == 0 || t == 31)) return;
  if (i >= 0 && i < n) out[i] = 2 * in[i];
}

/// counts[b] = how many numbers are b modulo 8. Faulty: the first block sets the counts to zero, which the
/// other blocks may have begun to count.
template <bool zero_here>
__global__ void count_kernel(int* counts, const float* in, int n) {
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  if (zero_here && blockIdx.x == 0) {
    if (t < 8) counts[t] = 0;
    __syncthreads();
  }
  if (i < n) atomicAdd(&counts[static_cast<int>(in[i]) % 8], 1);
}
__global__ inline void zero_counts_kernel(int* counts) {
  counts[threadIdx.x] = 0;
}
__global__ inline void counts_to_numbers_kernel(float* out, const int* counts) {
  out[threadIdx.x] = static_cast<float>(counts[threadIdx.x]);
}
template <bool faulty>
void zero_and_count(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  int* const counts = memsizer::emulated::workspace<int>(context, 8);
  if (!faulty)
    launch(context, {.kernel = shape.kernel, .blocks = 1, .threads = 8}, zero_counts_kernel, counts);
  launch(context, shape, count_kernel<faulty>, counts, in, n);
  launch(context, {.kernel = shape.kernel, .blocks = 1, .threads = 8}, counts_to_numbers_kernel, out, counts);
}

/// out[0] = sum of all. Faulty: the block that is the last to finish adds up what the others have written,
/// which a fence would allow on a GPU, but nothing here.
template <bool sum_here>
__global__ void last_block_kernel(float* out, float* parts, int* finished, const float* in, int n) {
  if (threadIdx.x != 0) return;
  float sum = 0;
  for (int i = blockIdx.x * 32; i < n && i < static_cast<int>(blockIdx.x + 1) * 32; ++i) sum += in[i];
  parts[blockIdx.x] = sum;
  if (!sum_here) return;
  __threadfence();
  if (atomicAdd(finished, 1) != static_cast<int>(gridDim.x) - 1) return;
  out[0] = 0;
  for (unsigned i = 0; i < gridDim.x; ++i) out[0] += parts[i];
}
__global__ inline void sum_parts_kernel(float* out, const float* parts, int n) {
  for (int i = 0; threadIdx.x == 0 && i < n; ++i) out[0] += parts[i];
}
template <bool faulty>
void last_block_sums(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  const int blocks = static_cast<int>(shape.blocks.x);
  auto* const parts = memsizer::emulated::workspace<float>(context, blocks + 1);
  auto* const finished = reinterpret_cast<int*>(parts + blocks);
  launch(context, {.kernel = shape.kernel, .blocks = 1, .threads = 1}, zero_counts_kernel, finished);
  launch(context, shape, last_block_kernel<faulty>, out, parts, finished, in, n);
  const LaunchShape one = {.kernel = shape.kernel, .blocks = 1, .threads = 32};
  if (!faulty) launch(context, one, sum_parts_kernel, out, parts, blocks);
}

/// out[i] = in[i] + the sum of the block before. Faulty: in the kernel that also writes these sums.
template <bool write_sums, bool add_sums>
__global__ void add_sums_kernel(float* out, float* parts, const float* in, int n) {
  const int t = threadIdx.x, first = blockIdx.x * blockDim.x;
  if (write_sums && t == 0) {
    float sum = 0;
    for (int i = first; i < n && i < first + static_cast<int>(blockDim.x); ++i) sum += in[i];
    parts[blockIdx.x] = sum;
  }
  if (add_sums && first + t < n)
    out[first + t] = in[first + t] + (blockIdx.x > 0 ? parts[blockIdx.x - 1] : 0);
}
template <bool faulty>
void add_sum_before(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  auto* const parts = memsizer::emulated::workspace<float>(context, static_cast<int>(shape.blocks.x));
  launch(context, shape, add_sums_kernel<true, faulty>, out, parts, in, n);
  if (!faulty) launch(context, shape, add_sums_kernel<false, true>, out, parts, in, n);
}

}  // namespace faulty_kernels
