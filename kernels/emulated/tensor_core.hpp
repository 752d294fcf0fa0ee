#pragma once
// The words of tensor cores and of asynchronous copies, for the emulated device. A fragment is the part of a
// matrix that one lane holds. Lane l is in row g = l / 4 and pair t = l % 4 of a group; a register holds two
// neighbouring bfloat16, the lower half first (PTX ISA, "Matrix Fragments for mma.m16n8k16").

#include <cstdint>

#include "memsizer/base/bfloat16.hpp"

#include "kernels/emulated/async_copies.hpp"
#include "kernels/emulated/language.hpp"
#include "kernels/emulated/vector.hpp"

namespace memsizer::emulated {

/// d += a b for a warp, with a [16, 16], b [16, 8] and d [16, 8]. A lane holds
///   a: rows g, g + 8, g, g + 8 and columns 2t, 2t, 2t + 8, 2t + 8, each with the next column,
///   b: column g and rows 2t, 2t + 8, each with the next row,
///   d: rows g, g, g + 8, g + 8 and columns 2t, 2t + 1, 2t, 2t + 1.
/// A tensor core adds in an order of its own; here the inner axis is walked in order.
inline void multiply_16x8x16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                             Place place = Place::current()) {
  const auto pair = [](unsigned first, unsigned second) { return first | std::uint64_t{second} << 32; };
  const Gathered b_registers(pair(b[0], b[1]), place);
  const Gathered a_halves[2] = {Gathered(pair(a[0], a[1]), place), Gathered(pair(a[2], a[3]), place)};
  const int g = lane() / 4, t = lane() % 4;
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 2; ++column)
      for (int half = 0; half < 2; ++half)         // inner 0 .. 7 and 8 .. 15
        for (int other = 0; other < 4; ++other) {  // the lanes that hold a pair of the half
          const auto from_a = static_cast<unsigned>(a_halves[half].of_lane[g * 4 + other] >> 32 * row);
          const auto from_b =
              static_cast<unsigned>(b_registers.of_lane[(2 * t + column) * 4 + other] >> 32 * half);
          d[2 * row + column] += lower(from_a) * lower(from_b);
          d[2 * row + column] += upper(from_a) * upper(from_b);
        }
}

/// Where each lane's row is.
struct MatrixRows {
  Gathered addresses;

  MatrixRows(const bfloat16* row, const Place& place)
      : addresses(reinterpret_cast<std::uintptr_t>(row), place) {
    require_alignment(row, 16, "ldmatrix");
  }

  const bfloat16* row(int i, int number) const {
    return reinterpret_cast<const bfloat16*>(addresses.of_lane[i * 8 + number]);
  }
};

/// Loads four 8 x 8 matrices from shared memory. Lane 8 i + r gives the address of row r of matrix i: eight
/// bfloat16, at a multiple of 16 bytes. Register i of a lane receives row g, columns 2t and 2t + 1 of matrix
/// i.
inline void load_matrices(unsigned (&x)[4], const bfloat16* row, Place place = Place::current()) {
  const MatrixRows rows(row, place);
  for (int i = 0; i < 4; ++i) {
    const bfloat16* const from = rows.row(i, lane() / 4) + lane() % 4 * 2;
    x[i] = from[0].bits() | static_cast<unsigned>(from[1].bits()) << 16;
  }
}

/// The same for the transposed matrices: register i receives rows 2t and 2t + 1, column g of matrix i.
inline void load_matrices_transposed(unsigned (&x)[4], const bfloat16* row, Place place = Place::current()) {
  const MatrixRows rows(row, place);
  const int first = lane() % 4 * 2, column = lane() / 4;
  for (int i = 0; i < 4; ++i)
    x[i] = rows.row(i, first)[column].bits() | static_cast<unsigned>(rows.row(i, first + 1)[column].bits())
                                                   << 16;
}

/// Sets 16 bytes of shared memory.
inline void write_16_bytes(void* shared, std::uint64_t lower_half, std::uint64_t upper_half) {
  VectorHalf* const to = static_cast<VectorHalf*>(shared);
  to[0] = lower_half;
  to[1] = upper_half;
}

/// Reads the source of a copy. If that was done before, the access is still the thread's, for the race
/// checker, since a GPU might read at this moment.
inline void read_source(AsyncCopy& copy) {
  // Volatile, so that the compiler keeps a read whose value nobody needs.
  const volatile VectorHalf* const from = static_cast<const volatile VectorHalf*>(copy.global);
  for (int i = 0; copy.inside && i < 2; ++i) {
    const std::uint64_t half = from[i];
    if (!copy.is_read) copy.halves[i] = half;
  }
  copy.is_read = true;
}

/// Begins to copy 16 bytes from global to shared memory, both at a multiple of 16 bytes; zeros if not
/// `inside`, and then `global` is not read. The bytes may be read after wait_for_copies() and a barrier.
/// Until then they are NaN: the copy may act at once, so who still reads what was there before is at fault,
/// too.
inline void copy_16_bytes_async(void* shared, const void* global, bool inside) {
  require_alignment(shared, 16, "cp.async to shared memory");
  require_alignment(global, 16, "cp.async from global memory");
  write_16_bytes(shared, ~std::uint64_t{0}, ~std::uint64_t{0});
  AsyncCopy copy{.shared = shared, .global = global, .inside = inside};
  if (copy_reads_at_once()) read_source(copy);
  begin_copy(copy);
}

/// The calling thread's copies since the last call form a group.
inline void close_copy_group() {
  close_copies();
}

/// Waits until at most `pending` of the calling thread's groups are not done.
template <int pending>
void wait_for_copies() {
  AsyncCopy copy;
  while (take_copy(pending, copy)) {
    read_source(copy);
    write_16_bytes(copy.shared, copy.halves[0], copy.halves[1]);
  }
}

}  // namespace memsizer::emulated
