#pragma once
// Softmax and its logarithm over the rows of [rows, columns].

#include "kernels/row.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// y = exp(x - max) / sum exp(x - max)
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    softmax_kernel(T* y, const T* x, Index rows, Index columns) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const typename Row::Values in(x + row * columns, columns);
  const A maximum = maximum_of_row<Row, A>(in, columns);
  const A factor = 1 / sum_of_exponentials<Row, A>(in, columns, maximum);
  typename Row::Results out({y}, row * columns, columns);
  Row::for_each_place(columns, [&](auto place) { out.set(place, std::exp(in[place] - maximum) * factor); });
}

/// dx (+)= y (dy - sum(y dy))
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    softmax_backward_kernel(Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const typename Row::Values of_y(y + row * columns, columns), of_dy(dy + row * columns, columns);
  A product = 0;
  Row::for_each_place(columns, [&](auto place) { product += of_y[place] * of_dy[place]; });
  product = Row::Threads::sum(product);
  typename Row::Results out(dx, row * columns, columns);
  Row::for_each_place(columns, [&](auto place) { out.set(place, of_y[place] * (of_dy[place] - product)); });
}

/// y = x - log sum exp(x)
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    log_softmax_kernel(T* y, const T* x, Index rows, Index columns) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const typename Row::Values in(x + row * columns, columns);
  const A maximum = maximum_of_row<Row, A>(in, columns);
  const A log_sum = maximum + std::log(sum_of_exponentials<Row, A>(in, columns, maximum));
  typename Row::Results out({y}, row * columns, columns);
  Row::for_each_place(columns, [&](auto place) { out.set(place, in[place] - log_sum); });
}

/// dx (+)= dy - exp(y) sum(dy)
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    log_softmax_backward_kernel(Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const typename Row::Values of_y(y + row * columns, columns), of_dy(dy + row * columns, columns);
  A sum = 0;
  Row::for_each_place(columns, [&](auto place) { sum += of_dy[place]; });
  sum = Row::Threads::sum(sum);
  typename Row::Results out(dx, row * columns, columns);
  Row::for_each_place(columns,
                      [&](auto place) { out.set(place, of_dy[place] - std::exp(of_y[place]) * sum); });
}

template <class T>
void softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  launch_any_rows<T, 1>(
      context, "softmax", rows, columns, [](auto row) { return softmax_kernel<T, decltype(row)>; }, y, x,
      rows, columns);
}

template <class T>
void softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  launch_any_rows<T, 2>(
      context, "softmax_backward", rows, columns,
      [](auto row) { return softmax_backward_kernel<T, decltype(row)>; }, dx, dy, y, rows, columns);
}

template <class T>
void log_softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  launch_any_rows<T, 1>(
      context, "log_softmax", rows, columns, [](auto row) { return log_softmax_kernel<T, decltype(row)>; }, y,
      x, rows, columns);
}

template <class T>
void log_softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows,
                          Index columns) {
  launch_any_rows<T, 2>(
      context, "log_softmax_backward", rows, columns,
      [](auto row) { return log_softmax_backward_kernel<T, decltype(row)>; }, dx, dy, y, rows, columns);
}

template <class T>
inline constexpr SoftmaxKernels<T> softmax_kernels{.softmax = softmax<T>,
                                                   .softmax_backward = softmax_backward<T>,
                                                   .log_softmax = log_softmax<T>,
                                                   .log_softmax_backward = log_softmax_backward<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
