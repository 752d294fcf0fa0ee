#pragma once
// Softmax and its logarithm over the last axis.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/layout.hpp"

namespace memsizer {

/// y = exp(x) / sum exp(x) over the last axis.
template <class T>
Tensor<T> softmax(const Tensor<T>& x) {
  const auto [rows, columns] = rows_and_columns(x.shape());
  require(columns > 0, "softmax: the last axis of shape ", x.shape(), " is empty");
  Tensor<T> y(x.shape(), x.device());
  launch(x.device(), "softmax", x.kernels().softmax.softmax, y.data(), x.data(), rows, columns);
  record(
      "softmax", y,
      [dx = GradientTarget(x), y = Saved(y), rows = rows, columns = columns](const Tensor<T>& dy) {
        launch(y.device(), "softmax_backward", y.kernels().softmax.softmax_backward, dx(), dy.data(),
               y.data(), rows, columns);
      },
      x);
  return y;
}

/// The same over any axis.
template <class T>
Tensor<T> softmax(const Tensor<T>& x, Index axis) {
  if (x.shape().checked_axis(axis) == x.rank() - 1) return softmax(x);
  return transpose(softmax(transpose(x, axis, -1)), axis, -1);
}

/// y = x - log sum exp(x) over the last axis.
template <class T>
Tensor<T> log_softmax(const Tensor<T>& x) {
  const auto [rows, columns] = rows_and_columns(x.shape());
  require(columns > 0, "log_softmax: the last axis of shape ", x.shape(), " is empty");
  Tensor<T> y(x.shape(), x.device());
  launch(x.device(), "log_softmax", x.kernels().softmax.log_softmax, y.data(), x.data(), rows, columns);
  record(
      "log_softmax", y,
      [dx = GradientTarget(x), y = Saved(y), rows = rows, columns = columns](const Tensor<T>& dy) {
        launch(y.device(), "log_softmax_backward", y.kernels().softmax.log_softmax_backward, dx(), dy.data(),
               y.data(), rows, columns);
      },
      x);
  return y;
}

/// The same over any axis.
template <class T>
Tensor<T> log_softmax(const Tensor<T>& x, Index axis) {
  if (x.shape().checked_axis(axis) == x.rank() - 1) return log_softmax(x);
  return transpose(log_softmax(transpose(x, axis, -1)), axis, -1);
}

}  // namespace memsizer
