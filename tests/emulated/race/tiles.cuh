#pragma once
// Tiles of matrices in shared memory. Each kernel has a correct version, and a faulty one that lacks a
// barrier, or reaches beyond its part of a tile.

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

/// out [8, 8] = in^T through lines of 9 numbers. Faulty: the ninth is read, too, which nobody has written.
template <bool faulty>
__global__ void transpose_lines(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, tile, 8 * 9);
  const int x = threadIdx.x, y = threadIdx.y;
  tile[y * 9 + x] = in[y * n + x];
  __syncthreads();
  out[y * n + x] = tile[x * 9 + y + (faulty ? 1 : 0)];
}

/// The same. Faulty: the tile has room for lines of 8 numbers.
template <bool faulty>
__global__ void transpose_in_less(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, tile, 8 * (faulty ? 8 : 9));
  const int x = threadIdx.x, y = threadIdx.y;
  tile[y * 9 + x] = in[y * n + x];
  __syncthreads();
  out[y * n + x] = tile[x * 9 + y];
}

/// out [n, n] = in in for n below 8, by one tile. Faulty: what of the tiles is beyond the matrix is not set
/// to zero, and the sums go over the whole of them.
template <bool faulty>
__global__ void square_small_matrix(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, left, 64);
  MEMSIZER_SHARED(float, right, 64);
  const int x = threadIdx.x, y = threadIdx.y;
  const bool inside = x < n && y < n;
  if (!faulty || inside) left[y * 8 + x] = inside ? in[y * n + x] : 0;
  right[y * 8 + x] = inside ? in[y * n + x] : 0;
  __syncthreads();
  float sum = 0;
  for (int k = 0; k < 8; ++k) sum += left[y * 8 + k] * right[k * 8 + x];
  if (inside) out[y * n + x] = sum;
}

/// out = in with each 64 numbers reversed, through two buffers in turns, so that a step needs one barrier.
/// Faulty: both turns have the same buffer.
template <bool faulty>
__global__ void reverse_through_two(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, buffers, 2 * 64);
  const int t = threadIdx.x;
  for (int step = 0; step * 64 < n; ++step) {
    float* const buffer = buffers + (faulty ? 0 : step % 2 * 64);
    buffer[t] = in[step * 64 + t];
    __syncthreads();
    out[step * 64 + t] = buffer[63 - t];
  }
}

/// out[i] = in[i] + in[63 - i] of two arrays that share one. Faulty: the second begins before the first ends.
template <bool faulty>
__global__ void two_arrays_in_one(float* out, const float* in, int n) {
  MEMSIZER_SHARED(float, both, 128);
  float* const straight = both;
  float* const reversed = both + (faulty ? 60 : 64);
  const int t = threadIdx.x;
  straight[t] = in[t];
  reversed[63 - t] = in[t];
  __syncthreads();
  if (t < n) out[t] = straight[t] + reversed[t];
}

}  // namespace faulty_kernels
