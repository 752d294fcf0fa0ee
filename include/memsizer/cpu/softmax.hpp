#pragma once
// Softmax and its logarithm over rows.

#include <cmath>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

template <class T>
void softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  if (columns == 0) return;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = array(x + row * columns, columns);
    const auto out = array(y + row * columns, columns);
    out = softmax_weight(in - largest_of(in));
    out *= 1 / sum_of(out);
  });
}

template <class T>
void softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows, Index columns) {
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto dout = array(dy + row * columns, columns), out = array(y + row * columns, columns);
    contribute(dx, row * columns, out * (dout - sum_of(out * dout)));
  });
}

template <class T>
void log_softmax(Context& context, T* y, const T* x, Index rows, Index columns) {
  if (columns == 0) return;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = array(x + row * columns, columns);
    const T maximum = largest_of(in);
    // We subtract twice, since the logarithm would lose its digits if added to a large maximum.
    array(y + row * columns, columns) = (in - maximum) - std::log(sum_of(softmax_weight(in - maximum)));
  });
}

template <class T>
void log_softmax_backward(Context& context, Output<T> dx, const T* dy, const T* y, Index rows,
                          Index columns) {
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto dout = array(dy + row * columns, columns), out = array(y + row * columns, columns);
    contribute(dx, row * columns, dout - softmax_weight(out) * sum_of(dout));
  });
}

template <class T>
inline constexpr SoftmaxKernels<T> softmax_kernels{.softmax = softmax<T>,
                                                   .softmax_backward = softmax_backward<T>,
                                                   .log_softmax = log_softmax<T>,
                                                   .log_softmax_backward = log_softmax_backward<T>};

}  // namespace memsizer::cpu
