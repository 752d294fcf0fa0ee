#pragma once
// Loads and stores of 16 bytes, for CUDA: one instruction each (PTX ISA, ld.v4 and st.v4). For a structure of
// small numbers nvcc may choose several; uint4 it loads and stores as a whole.
// kernels/emulated/vector.hpp says what they do.

#include <cstring>

#include "kernels/vector.hpp"

namespace memsizer::cuda {

template <class T>
__device__ Vector<T> load_vector(const T* from) {
  const uint4 words = *reinterpret_cast<const uint4*>(from);
  Vector<T> vector;
  memcpy(&vector, &words, sizeof vector);
  return vector;
}

template <class T>
__device__ void store_vector(T* to, const Vector<T>& vector) {
  uint4 words;
  memcpy(&words, &vector, sizeof words);
  *reinterpret_cast<uint4*>(to) = words;
}

}  // namespace memsizer::cuda
