#pragma once
// What softmax and the losses ask of a row: its maximum and its sum of exponentials.

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class T, class Threads>
__device__ Accumulate<T> row_maximum(const T* row, Index columns) {
  using A = Accumulate<T>;
  A maximum = -static_cast<A>(INFINITY);
  for (Index i = Threads::first(); i < columns; i += Threads::step())
    maximum = Maximum()(maximum, static_cast<A>(row[i]));
  return Threads::maximum(maximum);
}

/// The sum of exp(x - maximum).
template <class T, class Threads>
__device__ Accumulate<T> sum_of_exponentials(const T* row, Index columns, Accumulate<T> maximum) {
  using A = Accumulate<T>;
  A sum = 0;
  for (Index i = Threads::first(); i < columns; i += Threads::step())
    sum += std::exp(static_cast<A>(row[i]) - maximum);
  return Threads::sum(sum);
}

}  // namespace memsizer::MEMSIZER_DEVICE
