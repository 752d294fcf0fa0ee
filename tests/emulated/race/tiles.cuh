#pragma once
// Tiles of matrices in shared memory. Each kernel has a correct version, and a faulty one that lacks a
// barrier.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out [n, n] = in^T for n a multiple of 8, a block of 8 x 8 threads for each tile. Faulty: a thread reads an
/// element before the thread that loads it has done so.
template <bool faulty>
__global__ void transpose(float* out, const float* in, int n) {
  using Row = float[9];
  MEMSIZER_SHARED(Row, tile, 8);
  const int x = threadIdx.x, y = threadIdx.y;
  const int row = blockIdx.y * 8, column = blockIdx.x * 8;
  tile[y][x] = in[(row + y) * n + column + x];
  if (!faulty) __syncthreads();
  out[(column + y) * n + row + x] = tile[x][y];
}

/// out [n, n] = in in for n a multiple of 8. A step of the sum takes 8 columns of the left factor and 8 rows
/// of the right. Faulty: the next tiles overwrite the tiles that a slow thread still multiplies.
template <bool faulty>
__global__ void square_matrix(float* out, const float* in, int n) {
  using Row = float[8];
  MEMSIZER_SHARED(Row, left, 8);
  MEMSIZER_SHARED(Row, right, 8);
  const int x = threadIdx.x, y = threadIdx.y;
  const int row = blockIdx.y * 8 + y, column = blockIdx.x * 8 + x;
  float sum = 0;
  for (int start = 0; start < n; start += 8) {
    left[y][x] = in[row * n + start + x];
    right[y][x] = in[(start + y) * n + column];
    __syncthreads();
    for (int k = 0; k < 8; ++k) sum += left[y][k] * right[k][x];
    if (!faulty) __syncthreads();
  }
  out[row * n + column] = sum;
}

}  // namespace faulty_kernels
