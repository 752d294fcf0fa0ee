#pragma once
// Loads and stores of 16 bytes, and pairs of bfloat16 in one register, for the emulated device.

#include <cstdint>

#include "memsizer/base/bfloat16.hpp"

#include "kernels/emulated/language.hpp"
#include "kernels/vector.hpp"

namespace memsizer::emulated {

/// Half a vector. It may stand for numbers of any type. A pointer to it is declared with this name, because
/// `auto` would drop the attribute.
using VectorHalf [[gnu::may_alias]] = std::uint64_t;

/// The 16 bytes at `from`, which is a multiple of 16, in global or shared memory.
template <class T>
Vector<T> load_vector(const T* from) {
  require_alignment(from, 16, "a load of 16 bytes");
  Vector<T> vector;
  const VectorHalf* const source = reinterpret_cast<const VectorHalf*>(from);
  VectorHalf* const target = reinterpret_cast<VectorHalf*>(&vector);
  target[0] = source[0];
  target[1] = source[1];
  return vector;
}

/// Writes the 16 bytes at `to`, which is a multiple of 16.
template <class T>
void store_vector(T* to, const Vector<T>& vector) {
  require_alignment(to, 16, "a store of 16 bytes");
  const VectorHalf* const source = reinterpret_cast<const VectorHalf*>(&vector);
  VectorHalf* const target = reinterpret_cast<VectorHalf*>(to);
  target[0] = source[0];
  target[1] = source[1];
}

/// A register's 32 bits. They may stand for two numbers in memory.
using PairBits [[gnu::may_alias]] = std::uint32_t;

/// The two numbers rounded to bfloat16, the lower half first: each to the nearest, ties to the even one. NaN
/// becomes 7fff, whatever its bits were (as in CUDA's cuda_bf16.hpp).
inline unsigned rounded_pair(float lower, float upper) {
  const auto rounded = [](float x) -> unsigned { return x != x ? 0x7fffu : bfloat16(x).bits(); };
  return rounded(lower) | rounded(upper) << 16;
}

/// The two numbers of a register.
inline float lower(unsigned pair) {
  return bfloat16::from_bits(static_cast<std::uint16_t>(pair & 0xffff));
}
inline float upper(unsigned pair) {
  return bfloat16::from_bits(static_cast<std::uint16_t>(pair >> 16));
}

/// The pair at `from`, which is a multiple of 4 bytes.
inline unsigned load_pair(const bfloat16* from) {
  require_alignment(from, 4, "a load of 4 bytes");
  return *reinterpret_cast<const PairBits*>(from);
}

/// Writes the pair at `to`, which is a multiple of 4 bytes.
inline void store_pair(bfloat16* to, unsigned pair) {
  require_alignment(to, 4, "a store of 4 bytes");
  *reinterpret_cast<PairBits*>(to) = pair;
}

}  // namespace memsizer::emulated
