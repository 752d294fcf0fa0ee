#pragma once
// Loads and stores of 16 bytes, and pairs of bfloat16, for CUDA: one instruction each (PTX ISA, ld.v4, st.v4,
// cvt). For a structure of small numbers nvcc may choose several; uint4 it loads and stores as a whole.
// kernels/emulated/vector.hpp says what they do.

#include <cstring>

#include "memsizer/base/bfloat16.hpp"

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

__device__ inline unsigned rounded_pair(float lower, float upper) {
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(upper), "f"(lower));
  return pair;
}

__device__ inline float lower(unsigned pair) {
  return __uint_as_float(pair << 16);
}
__device__ inline float upper(unsigned pair) {
  return __uint_as_float(pair & 0xffff0000u);
}

__device__ inline unsigned load_pair(const bfloat16* from) {
  return *reinterpret_cast<const unsigned*>(from);
}
__device__ inline void store_pair(bfloat16* to, unsigned pair) {
  *reinterpret_cast<unsigned*>(to) = pair;
}

}  // namespace memsizer::cuda
