#pragma once
// Sums, means and maxima.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/layout.hpp"

namespace memsizer {

/// f over one axis, which disappears from the shape. A mean or maximum over an empty axis is an InputError.
template <class T>
Tensor<T> reduce(ReduceFunction f, const Tensor<T>& x, Index axis) {
  axis = x.shape().checked_axis(axis);
  require(f == ReduceFunction::sum || x.extent(axis) > 0, "reduce: mean or maximum over the empty axis ",
          axis, " of shape ", x.shape());
  AxisShape sizes{.length = x.extent(axis)};
  std::vector<Index> extents;
  for (int i = 0; i < x.rank(); ++i) {
    if (i < axis) sizes.outer *= x.extent(i);
    if (i > axis) sizes.inner *= x.extent(i);
    if (i != axis) extents.push_back(x.extent(i));
  }
  Tensor<T> y(Shape(extents), x.device());
  launch(x.device(), "reduce", x.kernels().reduce.reduce, y.data(), x.data(), f, sizes);
  record(
      name_of(f), y,
      [=, dx = GradientTarget(x),
       x = f == ReduceFunction::maximum ? Saved(x) : Saved<T>()](const Tensor<T>& dy) {
        launch(dy.device(), "reduce_backward", dy.kernels().reduce.reduce_backward, dx(), dy.data(),
               x.data_or_null(), f, sizes);
      },
      x);
  return y;
}

/// f over all elements; the result is a scalar.
template <class T>
Tensor<T> reduce_all(ReduceFunction f, const Tensor<T>& x) {
  return reduce(f, reshape(x, {x.size()}), 0);
}

template <class T>
Tensor<T> sum(const Tensor<T>& x, Index axis) {
  return reduce(ReduceFunction::sum, x, axis);
}
template <class T>
Tensor<T> mean(const Tensor<T>& x, Index axis) {
  return reduce(ReduceFunction::mean, x, axis);
}
/// The gradient goes to the first of equal elements.
template <class T>
Tensor<T> maximum(const Tensor<T>& x, Index axis) {
  return reduce(ReduceFunction::maximum, x, axis);
}
template <class T>
Tensor<T> sum(const Tensor<T>& x) {
  return reduce_all(ReduceFunction::sum, x);
}
template <class T>
Tensor<T> mean(const Tensor<T>& x) {
  return reduce_all(ReduceFunction::mean, x);
}
template <class T>
Tensor<T> maximum(const Tensor<T>& x) {
  return reduce_all(ReduceFunction::maximum, x);
}

}  // namespace memsizer
