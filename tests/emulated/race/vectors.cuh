#pragma once
// Loads and stores of 16 bytes. Each kernel has a correct version, and a faulty one whose vectors do not lie
// where they may, or reach too far.

#include "kernels/portable.cuh"

namespace faulty_kernels {

/// out[i] = 2 in[i] for n numbers, four a thread.
template <bool load_all, bool store_all>
__device__ void double_vectors(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  const int first = 4 * static_cast<int>(threadIdx.x);
  if (first >= n) return;
  memsizer::Vector<float> numbers = {};
  if (load_all || first + 4 <= n)
    numbers = load_vector(in + first);
  else
    for (int i = 0; first + i < n; ++i) numbers.element[i] = in[first + i];
  for (float& number : numbers.element) number *= 2;
  if (store_all || first + 4 <= n)
    store_vector(out + first, numbers);
  else
    for (int i = 0; first + i < n; ++i) out[first + i] = numbers.element[i];
}

/// Faulty: the last vector reaches beyond the end of `in`.
template <bool faulty>
__global__ void load_beyond(float* out, const float* in, int n) {
  double_vectors<faulty, false>(out, in, n);
}
/// Faulty: the last vector reaches beyond the end of `out`.
template <bool faulty>
__global__ void store_beyond(float* out, const float* in, int n) {
  double_vectors<false, faulty>(out, in, n);
}

/// out[i] = in[i + 4] with 0 beyond n. Faulty: the vectors begin one number after a multiple of four.
template <bool faulty>
__global__ void load_between(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  const int first = 4 * static_cast<int>(threadIdx.x);
  if (first >= n) return;
  const memsizer::Vector<float> numbers =
      first + 4 < n ? load_vector(in + first + (faulty ? 1 : 4)) : memsizer::Vector<float>{};
  store_vector(out + first, numbers);
}

/// out [8, 12] = in [8, 8] with four zeros behind each row. Faulty: two zeros, so that every other row begins
/// at a multiple of 8 bytes only.
template <bool faulty>
__global__ void pad_rows(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  const int row = threadIdx.x, pitch = faulty ? 10 : 12;
  if (row >= n) return;
  for (int first = 0; first < 8; first += 4)
    store_vector(out + row * pitch + first, load_vector(in + row * 8 + first));
}

/// out[i] = 2 in[i] with two threads for each vector, of which the first stores it. Faulty: both do.
template <bool faulty>
__global__ void store_twice(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  const int first = 4 * (static_cast<int>(threadIdx.x) / 2);
  if (first >= n) return;
  memsizer::Vector<float> numbers = load_vector(in + first);
  for (float& number : numbers.element) number *= 2;
  if (faulty || threadIdx.x % 2 == 0) store_vector(out + first, numbers);
}

/// out[i] = sum of in[4 i ..]. A thread writes three of its numbers to shared memory itself, the fourth comes
/// from the thread before. Faulty: no barrier is between this and the load of all four.
template <bool faulty>
__global__ void fourth_from_another(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, fours, 32);
  const int t = threadIdx.x, next = (t + 1) % 32;
  for (int i = 0; i < 3; ++i) fours[t].element[i] = 4 * t + i < n ? in[4 * t + i] : 0;
  fours[next].element[3] = 4 * next + 3 < n ? in[4 * next + 3] : 0;
  if (!faulty) __syncthreads();
  const memsizer::Vector<float> own = load_vector(fours[t].element);
  if (4 * t < n) out[t] = own.element[0] + own.element[1] + own.element[2] + own.element[3];
}

/// out[i] = sum of in[3 i ..] by vectors of which the fourth number is 0. Faulty: nobody writes it.
template <bool faulty>
__global__ void sum_threes(float* out, const float* in, int n) {
  using namespace memsizer::MEMSIZER_DEVICE;
  MEMSIZER_SHARED(memsizer::Vector<float>, threes, 32);
  const int t = threadIdx.x;
  for (int i = 0; i < (faulty ? 3 : 4); ++i)
    threes[t].element[i] = i < 3 && 3 * t + i < n ? in[3 * t + i] : 0;
  const memsizer::Vector<float> own = load_vector(threes[t].element);
  if (3 * t < n) out[t] = own.element[0] + own.element[1] + own.element[2] + (faulty ? 0 : own.element[3]);
}

}  // namespace faulty_kernels
