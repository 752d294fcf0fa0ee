#pragma once
// Kernels of several blocks. Each has a correct version, and a faulty one in which a block writes memory that
// another block reads or writes. No barrier can order these accesses.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out[block] = sum of the block's elements. Faulty: all blocks add to out[0].
template <bool faulty>
__global__ void block_sums(float* out, const float* in, int n) {
  const int i = blockIdx.x * 32 + threadIdx.x;
  float sum = i < n ? in[i] : 0;
  for (int distance = 16; distance > 0; distance /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, distance);
  if (threadIdx.x != 0) return;
  if (faulty)
    out[0] += sum;
  else
    out[blockIdx.x] = sum;
}

/// out[block * 8 + b] = how many of the block's elements have the value b modulo 8. Faulty: all blocks count
/// in the same eight bins.
template <bool faulty>
__global__ void block_histograms(float* out, const float* in, int n) {
  const int bin = threadIdx.x;
  int count = 0;
  for (int i = blockIdx.x * 16; i < (static_cast<int>(blockIdx.x) + 1) * 16 && i < n; ++i)
    count += static_cast<int>(in[i]) % 8 == bin;
  out[(faulty ? 0 : blockIdx.x * 8) + bin] += static_cast<float>(count);
}

/// out[i] = in[i] + in[i - 1]. Faulty: works in place, so a block may read its neighbour's last element after
/// that has changed.
template <bool faulty>
__global__ void add_previous(float* out, const float* in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const float* source = faulty ? out : in;
  const float previous = i > 0 && i < n ? source[i - 1] : 0;
  __syncthreads();
  if (i < n) out[i] = previous + in[i];
}

/// out [16] = column sums of in [n, 16]. Each block sums some columns over all rows. Faulty: each block sums
/// all columns over some rows, and all blocks add to the same output.
template <bool faulty>
__global__ void bias_gradient(float* out, const float* in, int n) {
  const int part = blockIdx.x, parts = gridDim.x;
  const int first = faulty ? 0 : part * (16 / parts), columns = faulty ? 16 : 16 / parts;
  const int t = threadIdx.x;
  if (t >= columns) return;
  float sum = 0;
  for (int row = faulty ? part : 0; row < n; row += faulty ? parts : 1) sum += in[row * 16 + first + t];
  if (faulty)
    out[first + t] += sum;
  else
    out[first + t] = sum;
}

}  // namespace faulty_kernels
