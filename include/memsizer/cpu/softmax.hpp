#pragma once
// Softmax and its logarithm over rows.

#include <Eigen/Core>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

template <class T>
void softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  if (columns == 0) return;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = array(x + row * columns, columns);
    auto out = array(y + row * columns, columns);
    out = softmax_weight(in - in.maxCoeff());
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
    // We subtract twice, since the logarithm would lose its digits if added to a large maximum.
    array(y + row * columns, columns) = (in - maximum) - std::log(softmax_weight(in - maximum).sum());
  });
}

template <class T>
void log_softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows,
                          Index columns) {
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto dout = array(dy + row * columns, columns), out = array(y + row * columns, columns);
    contribute(dx, row * columns, dout - softmax_weight(out) * dout.sum());
  });
}

template <class T>
inline constexpr SoftmaxKernels<T> softmax_kernels{.softmax = softmax<T>,
                                                   .softmax_backward = softmax_backward<T>,
                                                   .log_softmax = log_softmax<T>,
                                                   .log_softmax_backward = log_softmax_backward<T>};

}  // namespace memsizer::cpu
