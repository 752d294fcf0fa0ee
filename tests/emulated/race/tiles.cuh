#pragma once
// Tiles of matrices in shared memory, each kernel once as it should be and once with a barrier left out.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out [n, n] = in^T, n a multiple of 8, a block of 8 x 8 threads a tile. Faulty: a thread reads another's
/// element before that one has loaded it.
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

/// out [n, n] = in in, n a multiple of 8, a tile of 8 columns of the left and 8 rows of the right factor at a
/// time. Faulty: the next tiles overwrite those that a slow thread still multiplies.
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
