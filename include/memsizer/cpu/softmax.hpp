#pragma once
// Softmax and its logarithm over rows.

#include <Eigen/Core>

#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

template <class T>
void softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  if (columns == 0) return;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = array(x + row * columns, columns);
    auto out = array(y + row * columns, columns);
    out = (in - in.maxCoeff()).exp();
    out *= 1 / out.sum();
  });
}

template <class T>
void softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto dout = array(dy + row * columns, columns), out = array(y + row * columns, columns);
    contribute(dx, row * columns, out * (dout - (out * dout).sum()));
  });
}

template <class T>
void log_softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  if (columns == 0) return;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = array(x + row * columns, columns);
    const T maximum = in.maxCoeff();
    array(y + row * columns, columns) = in - (maximum + std::log((in - maximum).exp().sum()));
  });
}

template <class T>
void log_softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows,
                          Index columns) {
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto dout = array(dy + row * columns, columns), out = array(y + row * columns, columns);
    contribute(dx, row * columns, dout - out.exp() * dout.sum());
  });
}

template <class T>
inline constexpr SoftmaxKernels<T> softmax_kernels{.softmax = softmax<T>,
                                                   .softmax_backward = softmax_backward<T>,
                                                   .log_softmax = log_softmax<T>,
                                                   .log_softmax_backward = log_softmax_backward<T>};

}  // namespace memsizer::cpu
