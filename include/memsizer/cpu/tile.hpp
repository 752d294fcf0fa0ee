#pragma once
// The innermost level of a matrix product: a tile of the result that stays in registers, and the packing that
// brings both factors into the order in which the tile reads them (Goto and van de Geijn 2008).

#include <Eigen/Core>
#include <algorithm>
#include <type_traits>

#include "memsizer/base/checked.hpp"

namespace memsizer::cpu {

namespace packets = Eigen::internal;

/// A tile has `rows` rows of two packets: with 32 registers 16 of them hold sums, with 16 registers 8 do.
template <class T>
struct Tile {
  using Packet = typename packets::packet_traits<T>::type;
  static constexpr int packet = packets::packet_traits<T>::size;
  static constexpr int rows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 8 : 4;
  static constexpr int columns = 2 * packet;
};

/// A factor as strips as wide as a tile, either packed or as stored in memory. Strip s begins at data + s *
/// strip; its lanes for the inner index p are contiguous from p * step on.
template <class T>
struct Strips {
  const T* data;
  Index strip, step;

  Strips from(Index number) const { return {data + number * strip, strip, step}; }
};

/// c [rows, columns] (+)= sum over p of a[p, row] b[p, column], p < inner, for the first strips of a and b.
template <class T>
void multiply_tile(T* c, Index leading, bool accumulate, const Strips<T>& a, const Strips<T>& b,
                   Index inner) {
  using Packet = typename Tile<T>::Packet;
  constexpr int rows = Tile<T>::rows, width = Tile<T>::packet;
  const T *a_line = a.data, *b_line = b.data;
  Packet sums[rows][2];
#pragma GCC unroll 8
  for (int row = 0; row < rows; ++row) sums[row][0] = sums[row][1] = packets::pset1<Packet>(T(0));
  for (Index p = 0; p < inner; ++p, a_line += a.step, b_line += b.step) {
    const Packet left = packets::ploadu<Packet>(b_line), right = packets::ploadu<Packet>(b_line + width);
#pragma GCC unroll 8
    for (int row = 0; row < rows; ++row) {
      const Packet factor = packets::pset1<Packet>(a_line[row]);
      sums[row][0] = packets::pmadd(factor, left, sums[row][0]);
      sums[row][1] = packets::pmadd(factor, right, sums[row][1]);
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < rows; ++row, c += leading) {
    if (accumulate) {
      sums[row][0] = packets::padd(packets::ploadu<Packet>(c), sums[row][0]);
      sums[row][1] = packets::padd(packets::ploadu<Packet>(c + width), sums[row][1]);
    }
    packets::pstoreu(c, sums[row][0]);
    packets::pstoreu(c + width, sums[row][1]);
  }
}

/// Like multiply_tile, for the part [rows, columns] of a tile at the edge of c.
template <class T>
void multiply_edge_tile(T* c, Index leading, bool accumulate, const Strips<T>& a, const Strips<T>& b,
                        Index inner, Index rows, Index columns) {
  T whole[Tile<T>::rows * Tile<T>::columns];
  multiply_tile(whole, Tile<T>::columns, false, a, b, inner);
  for (Index row = 0; row < rows; ++row, c += leading)
    for (Index column = 0; column < columns; ++column) {
      const T sum = whole[row * Tile<T>::columns + column];
      c[column] = accumulate ? c[column] + sum : sum;
    }
}

/// c [rows, columns] (+)= strips of op(a) times strips of op(b).
template <class T>
void multiply_strips(T* c, Index leading, bool accumulate, const Strips<T>& a, const Strips<T>& b, Index rows,
                     Index columns, Index inner) {
  constexpr Index tall = Tile<T>::rows, wide = Tile<T>::columns;
  for (Index i = 0; i * tall < rows; ++i)
    for (Index j = 0; j * wide < columns; ++j) {
      T* const tile = c + i * tall * leading + j * wide;
      const Index tile_rows = std::min(tall, rows - i * tall),
                  tile_columns = std::min(wide, columns - j * wide);
      if (tile_rows == tall && tile_columns == wide)
        multiply_tile(tile, leading, accumulate, a.from(i), b.from(j), inner);
      else
        multiply_edge_tile(tile, leading, accumulate, a.from(i), b.from(j), inner, tile_rows, tile_columns);
    }
}

/// packed[strip, p, lane] = x[p, strip * lanes + lane]
template <int lanes, int strips, class T>
void pack_whole_strips(T* packed, const T* x, Index leading, Index inner) {
  for (Index p = 0; p < inner; ++p, packed += lanes, x += leading)
#pragma GCC unroll 8
    for (int strip = 0; strip < strips; ++strip)
      std::copy(x + strip * lanes, x + (strip + 1) * lanes, packed + strip * lanes * inner);
}

/// packed[p, lane] = x[p, lane]; missing lanes are 0.
template <int lanes, class T>
void pack_lanes(T* packed, const T* x, Index leading, Index present, Index inner) {
  for (Index p = 0; p < inner; ++p, packed += lanes, x += leading) {
    std::copy(x, x + present, packed);
    std::fill(packed + present, packed + lanes, T(0));
  }
}

/// packed[p, lane] = x[lane, p]; missing lanes are 0. Square blocks are transposed in registers.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // of packet types as template arguments
template <int lanes, class T>
void pack_transposed(T* packed, const T* x, Index leading, Index present, Index inner) {
  using Traits = packets::packet_traits<T>;
  using Packet = std::conditional_t<lanes % Traits::size == 0, typename Traits::type, typename Traits::half>;
  constexpr int width = packets::unpacket_traits<Packet>::size;
  static_assert(lanes % width == 0);
  if (present < lanes) std::fill(packed, packed + lanes * inner, T(0));
  Index lane = 0;
  for (; lane + width <= present; lane += width) {
    Index p = 0;
    for (; p + width <= inner; p += width) {
      packets::PacketBlock<Packet, width> block;
      for (int i = 0; i < width; ++i) block.packet[i] = packets::ploadu<Packet>(x + (lane + i) * leading + p);
      packets::ptranspose(block);
      for (int i = 0; i < width; ++i) packets::pstoreu(packed + (p + i) * lanes + lane, block.packet[i]);
    }
    for (; p < inner; ++p)
      for (int i = 0; i < width; ++i) packed[p * lanes + lane + i] = x[(lane + i) * leading + p];
  }
  for (; lane < present; ++lane)
    for (Index p = 0; p < inner; ++p) packed[p * lanes + lane] = x[lane * leading + p];
}
#pragma GCC diagnostic pop

/// [inner, count] of a factor as strips of `lanes`, packed one after the other: x[p, lane] as it is stored,
/// or x[lane, p] if `across`.
template <int lanes, class T>
Strips<T> pack_strips(T* packed, const T* x, Index leading, bool across, Index inner, Index count) {
  constexpr int together = 32 / lanes;  // strips packed at once, to use whole cache lines
  Index lane = 0;
  if (!across)
    for (; lane + together * lanes <= count; lane += together * lanes)
      pack_whole_strips<lanes, together>(packed + lane * inner, x + lane, leading, inner);
  for (; lane < count; lane += lanes) {
    const Index present = std::min<Index>(lanes, count - lane);
    if (across)
      pack_transposed<lanes>(packed + lane * inner, x + lane * leading, leading, present, inner);
    else
      pack_lanes<lanes>(packed + lane * inner, x + lane, leading, present, inner);
  }
  return {packed, lanes * inner, lanes};
}

}  // namespace memsizer::cpu
