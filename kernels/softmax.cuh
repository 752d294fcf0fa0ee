#pragma once
// Softmax and its logarithm over the rows of [rows, columns]. A row is read more than once, but only the
// first time from memory; then it is in the cache.

#include "kernels/row_statistics.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// y = exp(x - max) / sum exp(x - max)
template <class T, bool whole_block>
__global__ void softmax_kernel(T* y, const T* x, Index rows, Index columns) {
  using A = Accumulate<T>;
  using Threads = RowThreads<whole_block>;
  if (Threads::row() >= rows) return;
  const T* in = x + Threads::row() * columns;
  T* out = y + Threads::row() * columns;
  const A maximum = row_maximum<T, Threads>(in, columns);
  const A factor = 1 / sum_of_exponentials<T, Threads>(in, columns, maximum);
  for (Index i = Threads::first(); i < columns; i += Threads::step())
    out[i] = static_cast<T>(std::exp(static_cast<A>(in[i]) - maximum) * factor);
}

/// dx (+)= y (dy - sum(y dy))
template <class T, bool whole_block>
__global__ void softmax_backward_kernel(Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  using A = Accumulate<T>;
  using Threads = RowThreads<whole_block>;
  if (Threads::row() >= rows) return;
  const Index begin = Threads::row() * columns, end = begin + columns;
  A product = 0;
  for (Index i = begin + Threads::first(); i < end; i += Threads::step())
    product += static_cast<A>(y[i]) * static_cast<A>(dy[i]);
  product = Threads::sum(product);
  for (Index i = begin + Threads::first(); i < end; i += Threads::step())
    contribute(dx, i, static_cast<A>(y[i]) * (static_cast<A>(dy[i]) - product));
}

/// y = x - log sum exp(x)
template <class T, bool whole_block>
__global__ void log_softmax_kernel(T* y, const T* x, Index rows, Index columns) {
  using A = Accumulate<T>;
  using Threads = RowThreads<whole_block>;
  if (Threads::row() >= rows) return;
  const T* in = x + Threads::row() * columns;
  T* out = y + Threads::row() * columns;
  const A maximum = row_maximum<T, Threads>(in, columns);
  const A log_sum = maximum + std::log(sum_of_exponentials<T, Threads>(in, columns, maximum));
  for (Index i = Threads::first(); i < columns; i += Threads::step())
    out[i] = static_cast<T>(static_cast<A>(in[i]) - log_sum);
}

/// dx (+)= dy - exp(y) sum(dy)
template <class T, bool whole_block>
__global__ void log_softmax_backward_kernel(Output<T> dx, const T* dy, const T* y, Index rows,
                                            Index columns) {
  using A = Accumulate<T>;
  using Threads = RowThreads<whole_block>;
  if (Threads::row() >= rows) return;
  const Index begin = Threads::row() * columns, end = begin + columns;
  A sum = 0;
  for (Index i = begin + Threads::first(); i < end; i += Threads::step()) sum += static_cast<A>(dy[i]);
  sum = Threads::sum(sum);
  for (Index i = begin + Threads::first(); i < end; i += Threads::step())
    contribute(dx, i, static_cast<A>(dy[i]) - std::exp(static_cast<A>(y[i])) * sum);
}

template <class T>
void softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  launch_rows(context, "softmax", softmax_kernel<T, false>, softmax_kernel<T, true>, rows, columns, y, x,
              rows, columns);
}

template <class T>
void softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  launch_rows(context, "softmax_backward", softmax_backward_kernel<T, false>,
              softmax_backward_kernel<T, true>, rows, columns, dx, dy, y, rows, columns);
}

template <class T>
void log_softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  launch_rows(context, "log_softmax", log_softmax_kernel<T, false>, log_softmax_kernel<T, true>, rows,
              columns, y, x, rows, columns);
}

template <class T>
void log_softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows,
                          Index columns) {
  launch_rows(context, "log_softmax_backward", log_softmax_backward_kernel<T, false>,
              log_softmax_backward_kernel<T, true>, rows, columns, dx, dy, y, rows, columns);
}

template <class T>
inline constexpr SoftmaxKernels<T> softmax_kernels{.softmax = softmax<T>,
                                                   .softmax_backward = softmax_backward<T>,
                                                   .log_softmax = log_softmax<T>,
                                                   .log_softmax_backward = log_softmax_backward<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
