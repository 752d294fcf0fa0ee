#pragma once
// The innermost level of a matrix product: a tile of the result that stays in registers, and the packing that
// brings both factors into the order in which the tile reads them (Goto and van de Geijn 2008).

#include <Eigen/Core>
#include <algorithm>
#include <numeric>
#include <type_traits>

#include "memsizer/base/checked.hpp"

namespace memsizer::cpu {

namespace packets = Eigen::internal;

/// A tile has `rows` rows of two packets: 16 of 32 registers hold sums, or 12 of 16, and two the packets of
/// b. Sums must be many, since a sum waits about four cycles for the one before it, and a core begins two a
/// cycle. With 8 sums g++ also reads b from memory again for each row, which halves the speed (AVX2).
template <class T>
struct Tile {
  using Packet = typename packets::packet_traits<T>::type;
  static constexpr int packet = packets::packet_traits<T>::size;
  static constexpr int rows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 8 : 6;
  static constexpr int columns = 2 * packet;

  /// The least number of lanes, at least `least`, that is whole strips of a and of b.
  static constexpr Index whole_strips(Index least) {
    constexpr Index both = std::lcm(rows, columns);
    return (least + both - 1) / both * both;
  }
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

/// packed[p, lane] = x[lane, p] for the first `kept` lanes of a packet, from square blocks that are
/// transposed in registers. If a packet has more lanes, their numbers are written into the next line, whose
/// first lanes must be packed later.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // of packet types as template arguments
template <class Packet, int lanes, int kept, class T>
void transpose_lanes(T* packed, const T* x, Index leading, Index inner) {
  constexpr int width = packets::unpacket_traits<Packet>::size;
  Index p = 0;
  for (; p + width <= inner; p += width) {
    packets::PacketBlock<Packet, width> block;
    for (int i = 0; i < width; ++i)
      block.packet[i] = packets::ploadu<Packet>(x + std::min(i, kept - 1) * leading + p);
    packets::ptranspose(block);
    for (int i = 0; i + (kept < width) < width; ++i)
      packets::pstoreu(packed + (p + i) * lanes, block.packet[i]);
    if constexpr (kept < width) {  // the last line of all has no next one
      T last[width];
      packets::pstoreu(last, block.packet[width - 1]);
      std::copy(last, last + kept, packed + (p + width - 1) * lanes);
    }
  }
  for (; p < inner; ++p)
    for (int i = 0; i < kept; ++i) packed[p * lanes + i] = x[i * leading + p];
}

/// packed[p, lane] = x[lane, p]; missing lanes are 0.
template <int lanes, class T>
void pack_transposed(T* packed, const T* x, Index leading, Index present, Index inner) {
  using Traits = packets::packet_traits<T>;
  using Half = typename Traits::half;
  constexpr bool fits_half = lanes <= packets::unpacket_traits<Half>::size;
  using Packet = std::conditional_t<fits_half, Half, typename Traits::type>;
  constexpr int width = packets::unpacket_traits<Packet>::size, whole = lanes / width * width;
  if (present < lanes) std::fill(packed, packed + lanes * inner, T(0));
  if constexpr (whole < lanes)
    if (present == lanes)
      transpose_lanes<Packet, lanes, lanes - whole>(packed + whole, x + whole * leading, leading, inner);
  Index lane = 0;
  for (; lane + width <= present; lane += width)
    transpose_lanes<Packet, lanes, width>(packed + lane, x + lane * leading, leading, inner);
  if (present == lanes) return;
  for (; lane < present; ++lane)
    for (Index p = 0; p < inner; ++p) packed[p * lanes + lane] = x[lane * leading + p];
}
#pragma GCC diagnostic pop

/// [inner, count] of a factor as strips of `lanes`, packed one after the other: x[p, lane] as it is stored,
/// or x[lane, p] if `across`.
template <int lanes, class T>
Strips<T> pack_strips(T* packed, const T* x, Index leading, bool across, Index inner, Index count) {
  constexpr int together = lanes <= 8 ? 4 : 32 / lanes;  // strips packed at once, to use whole cache lines
  Index lane = 0;
  if (across) {
    for (; lane < count; lane += lanes)
      pack_transposed<lanes>(packed + lane * inner, x + lane * leading, leading,
                             std::min<Index>(lanes, count - lane), inner);
  } else {
    for (; lane + together * lanes <= count; lane += together * lanes)
      pack_whole_strips<lanes, together>(packed + lane * inner, x + lane, leading, inner);
    for (; lane + lanes <= count; lane += lanes)
      pack_whole_strips<lanes, 1>(packed + lane * inner, x + lane, leading, inner);
    if (lane < count) pack_lanes<lanes>(packed + lane * inner, x + lane, leading, count - lane, inner);
  }
  return {packed, lanes * inner, lanes};
}

}  // namespace memsizer::cpu
