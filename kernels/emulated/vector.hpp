#pragma once
// Loads and stores of 16 bytes, for the emulated device.

#include <cstdint>

#include "kernels/emulated/language.hpp"
#include "kernels/vector.hpp"

namespace memsizer::emulated {

/// Half a vector. It may stand for numbers of any type.
using VectorHalf [[gnu::may_alias]] = std::uint64_t;

/// The 16 bytes at `from`, which is a multiple of 16, in global or shared memory.
template <class T>
Vector<T> load_vector(const T* from) {
  require_alignment(from, 16, "a load of 16 bytes");
  Vector<T> vector;
  const auto* const source = reinterpret_cast<const VectorHalf*>(from);
  auto* const target = reinterpret_cast<VectorHalf*>(&vector);
  target[0] = source[0];
  target[1] = source[1];
  return vector;
}

/// Writes the 16 bytes at `to`, which is a multiple of 16.
template <class T>
void store_vector(T* to, const Vector<T>& vector) {
  require_alignment(to, 16, "a store of 16 bytes");
  const auto* const source = reinterpret_cast<const VectorHalf*>(&vector);
  auto* const target = reinterpret_cast<VectorHalf*>(to);
  target[0] = source[0];
  target[1] = source[1];
}

}  // namespace memsizer::emulated
