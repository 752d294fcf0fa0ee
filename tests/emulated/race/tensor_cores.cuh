#pragma once
// Fragments for tensor cores. Each kernel has a correct version, and a faulty one that gives the loads
// addresses at which nothing lies, or not all lanes.

#include "memsizer/base/bfloat16.hpp"

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// What a load takes of a line: eight numbers.
using Line = memsizer::Vector<memsizer::bfloat16>;

/// out [32, 8] = the four 8 x 8 parts that a load has brought, one below another.
__device__ inline void store_parts(float* out, const unsigned (&parts)[4]) {
  const int lane = threadIdx.x % 32;
  for (int part = 0; part < 4; ++part) {
    float* const to = out + part * 64 + lane / 4 * 8 + lane % 4 * 2;
    to[0] = memsizer::bfloat16::from_bits(static_cast<std::uint16_t>(parts[part] & 0xffff));
    to[1] = memsizer::bfloat16::from_bits(static_cast<std::uint16_t>(parts[part] >> 16));
  }
}

/// out = in [32, 8] by a warp, through bfloat16 in shared memory. Faulty: no barrier is between the stores
/// and the loads, which read what other lanes have stored.
template <bool faulty>
__global__ void load_without_barrier(float* out, const float* in, int) {
  MEMSIZER_SHARED(Line, tile, 32);
  const int lane = threadIdx.x;
  for (int i = 0; i < 8; ++i) tile[lane].element[i] = memsizer::bfloat16(in[lane * 8 + i]);
  if (!faulty) __syncwarp();
  unsigned parts[4];
  memsizer::MEMSIZER_DEVICE::load_matrices(parts, tile[lane].element);
  store_parts(out, parts);
}

/// The same, through lines of 16 numbers. Faulty: of 12, so that every other one is misaligned.
template <bool faulty>
__global__ void load_from_short_lines(float* out, const float* in, int) {
  MEMSIZER_SHARED(Line, tile, 2 * 32);
  const int lane = threadIdx.x;
  memsizer::bfloat16* const line = tile->element + lane * (faulty ? 12 : 16);
  for (int i = 0; i < 8; ++i) line[i] = memsizer::bfloat16(in[lane * 8 + i]);
  __syncwarp();
  unsigned parts[4];
  memsizer::MEMSIZER_DEVICE::load_matrices(parts, line);
  store_parts(out, parts);
}

/// The same. Faulty: the parts begin one line too late, so that the last line is behind the tile.
template <bool faulty>
__global__ void load_behind_tile(float* out, const float* in, int) {
  MEMSIZER_SHARED(Line, tile, 32);
  const int lane = threadIdx.x;
  for (int i = 0; i < 8; ++i) tile[lane].element[i] = memsizer::bfloat16(in[lane * 8 + i]);
  __syncwarp();
  unsigned parts[4];
  memsizer::MEMSIZER_DEVICE::load_matrices(parts, tile[lane + (faulty ? 1 : 0)].element);
  store_parts(out, parts);
}

/// The same. Faulty: only the lanes whose addresses lie in the first half of the tile call the load.
template <bool faulty>
__global__ void load_by_half_a_warp(float* out, const float* in, int) {
  MEMSIZER_SHARED(Line, tile, 32);
  const int lane = threadIdx.x;
  for (int i = 0; i < 8; ++i) tile[lane].element[i] = memsizer::bfloat16(in[lane * 8 + i]);
  __syncwarp();
  unsigned parts[4] = {};
  if (!faulty || lane < 16) memsizer::MEMSIZER_DEVICE::load_matrices(parts, tile[lane].element);
  __syncwarp();
  store_parts(out, parts);
}

/// out = each 8 x 8 part of in [32, 8] transposed. Faulty: the last part was never written, as where a tile
/// is larger than the matrix.
template <bool faulty>
__global__ void transpose_parts(float* out, const float* in, int) {
  MEMSIZER_SHARED(Line, tile, 32);
  const int lane = threadIdx.x;
  for (int i = 0; i < 8 && (!faulty || lane < 24); ++i)
    tile[lane].element[i] = memsizer::bfloat16(in[lane * 8 + i]);
  __syncwarp();
  unsigned parts[4];
  memsizer::MEMSIZER_DEVICE::load_matrices_transposed(parts, tile[lane].element);
  store_parts(out, parts);
}

}  // namespace faulty_kernels
