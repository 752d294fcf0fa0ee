#pragma once
// The words of tensor cores and of asynchronous copies, for the emulated device. A fragment is the part of a
// matrix that one lane holds. Lane l is in row g = l / 4 and pair t = l % 4 of a group; a register holds two
// neighbouring bfloat16, the lower half first (PTX ISA, "Matrix Fragments for mma.m16n8k16").

#include <bit>
#include <cstring>

#include "memsizer/base/bfloat16.hpp"

#include "kernels/emulated/language.hpp"

namespace memsizer::emulated {

/// The two numbers of a register.
inline float lower(unsigned pair) {
  return bfloat16::from_bits(static_cast<std::uint16_t>(pair & 0xffff));
}
inline float upper(unsigned pair) {
  return bfloat16::from_bits(static_cast<std::uint16_t>(pair >> 16));
}

/// d += a b for a warp, with a [16, 16], b [16, 8] and d [16, 8]. A lane holds
///   a: rows g, g + 8, g, g + 8 and columns 2t, 2t, 2t + 8, 2t + 8, each with the next column,
///   b: column g and rows 2t, 2t + 8, each with the next row,
///   d: rows g, g, g + 8, g + 8 and columns 2t, 2t + 1, 2t, 2t + 1.
/// A tensor core adds in an order of its own; here the inner axis is walked in order.
inline void multiply_16x8x16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                             Place place = Place::current()) {
  const unsigned all = 0xffffffffu;
  const int g = lane() / 4, t = lane() % 4;
  for (int half = 0; half < 2; ++half)    // inner 0 .. 7 and 8 .. 15
    for (int pair = 0; pair < 4; ++pair)  // of the half
      for (int column = 0; column < 2; ++column) {
        const unsigned from_b = shuffle(all, b[half], (2 * t + column) * 4 + pair, place);
        for (int row = 0; row < 2; ++row) {
          const unsigned from_a = shuffle(all, a[2 * half + row], g * 4 + pair, place);
          d[2 * row + column] += lower(from_a) * lower(from_b);
          d[2 * row + column] += upper(from_a) * upper(from_b);
        }
      }
}

/// Loads four 8 x 8 matrices from shared memory. Lane 8 i + r gives the address of row r of matrix i: eight
/// bfloat16, at a multiple of 16 bytes. Register i of a lane receives row g, columns 2t and 2t + 1 of matrix
/// i.
inline void load_matrices(unsigned (&x)[4], const bfloat16* row, Place place = Place::current()) {
  for (int i = 0; i < 4; ++i) {
    const bfloat16* const from = shuffle(0xffffffffu, row, i * 8 + lane() / 4, place) + lane() % 4 * 2;
    x[i] = from[0].bits() | static_cast<unsigned>(from[1].bits()) << 16;
  }
  __syncwarp(0xffffffffu, place);
}

/// The same for the transposed matrices: register i receives rows 2t and 2t + 1, column g of matrix i.
inline void load_matrices_transposed(unsigned (&x)[4], const bfloat16* row, Place place = Place::current()) {
  for (int i = 0; i < 4; ++i) {
    const int source = i * 8 + lane() % 4 * 2, column = lane() / 4;
    const bfloat16* const first = shuffle(0xffffffffu, row, source, place);
    const bfloat16* const second = shuffle(0xffffffffu, row, source + 1, place);
    x[i] = first[column].bits() | static_cast<unsigned>(second[column].bits()) << 16;
  }
  __syncwarp(0xffffffffu, place);
}

/// Begins to copy 16 bytes from global to shared memory, both at a multiple of 16 bytes; zeros if not
/// `inside`, and then `global` is not read. The bytes may be read after wait_for_copies() and a barrier. Here
/// the copy happens at once.
inline void copy_16_bytes_async(void* shared, const void* global, bool inside) {
  const std::uint64_t* const from = static_cast<const std::uint64_t*>(global);
  for (int i = 0; i < 2; ++i) static_cast<std::uint64_t*>(shared)[i] = inside ? from[i] : 0;
}

/// The calling thread's copies since the last call form a group.
inline void close_copy_group() {}

/// Waits until at most `pending` of the calling thread's groups are not done.
template <int pending>
void wait_for_copies() {}

}  // namespace memsizer::emulated
