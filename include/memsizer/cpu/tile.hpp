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

/// c [rows, columns] (+)= sum over p of a[p, row] b[p, column], p < inner; a and b are packed.
template <class T>
void multiply_tile(T* c, Index leading, bool add, const T* a, const T* b, Index inner) {
  using Packet = typename Tile<T>::Packet;
  constexpr int rows = Tile<T>::rows, width = Tile<T>::packet;
  Packet sums[rows][2];
#pragma GCC unroll 8
  for (int row = 0; row < rows; ++row) sums[row][0] = sums[row][1] = packets::pset1<Packet>(T(0));
  for (Index p = 0; p < inner; ++p, a += rows, b += 2 * width) {
    const Packet left = packets::pload<Packet>(b), right = packets::pload<Packet>(b + width);
#pragma GCC unroll 8
    for (int row = 0; row < rows; ++row) {
      const Packet factor = packets::pset1<Packet>(a[row]);
      sums[row][0] = packets::pmadd(factor, left, sums[row][0]);
      sums[row][1] = packets::pmadd(factor, right, sums[row][1]);
    }
  }
#pragma GCC unroll 8
  for (int row = 0; row < rows; ++row, c += leading) {
    if (add) {
      sums[row][0] = packets::padd(packets::ploadu<Packet>(c), sums[row][0]);
      sums[row][1] = packets::padd(packets::ploadu<Packet>(c + width), sums[row][1]);
    }
    packets::pstoreu(c, sums[row][0]);
    packets::pstoreu(c + width, sums[row][1]);
  }
}

/// As multiply_tile, for the part [rows, columns] of a tile at the edge of c.
template <class T>
void multiply_edge_tile(T* c, Index leading, bool add, const T* a, const T* b, Index inner, Index rows,
                        Index columns) {
  T whole[Tile<T>::rows * Tile<T>::columns];
  multiply_tile(whole, Tile<T>::columns, false, a, b, inner);
  for (Index row = 0; row < rows; ++row, c += leading)
    for (Index column = 0; column < columns; ++column) {
      const T sum = whole[row * Tile<T>::columns + column];
      c[column] = add ? c[column] + sum : sum;
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

/// packed[p, lane] = x[p, lane], the missing lanes 0.
template <int lanes, class T>
void pack_lanes(T* packed, const T* x, Index leading, Index present, Index inner) {
  for (Index p = 0; p < inner; ++p, packed += lanes, x += leading) {
    std::copy(x, x + present, packed);
    std::fill(packed + present, packed + lanes, T(0));
  }
}

/// packed[p, lane] = x[lane, p], the missing lanes 0: square blocks are transposed in registers.
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

}  // namespace memsizer::cpu
