#pragma once
// Sums, means and maxima.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/elementwise.hpp"
#include "memsizer/ops/layout.hpp"

namespace memsizer {

/// f over one axis. The axis disappears from the shape; with `keep` its extent becomes 1, so that the result
/// broadcasts against x. A mean or maximum over an empty axis is an InputError.
template <class T>
Tensor<T> reduce(ReduceFunction f, const Tensor<T>& x, Index axis, bool keep = false) {
  const AxisShape sizes = axis_shape(x.shape(), axis);
  require(f == ReduceFunction::sum || sizes.length > 0, "reduce: mean or maximum over the empty axis ", axis,
          " of shape ", x.shape());
  Tensor<T> y(reduced_shape(x.shape(), axis, keep), x.device());
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
Tensor<T> sum(const Tensor<T>& x, Index axis, bool keep = false) {
  return reduce(ReduceFunction::sum, x, axis, keep);
}
template <class T>
Tensor<T> mean(const Tensor<T>& x, Index axis, bool keep = false) {
  return reduce(ReduceFunction::mean, x, axis, keep);
}
/// The gradient goes to the first of equal elements.
template <class T>
Tensor<T> maximum(const Tensor<T>& x, Index axis, bool keep = false) {
  return reduce(ReduceFunction::maximum, x, axis, keep);
}
/// The same of the smallest.
template <class T>
Tensor<T> minimum(const Tensor<T>& x, Index axis, bool keep = false) {
  return -maximum(-x, axis, keep);
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
template <class T>
Tensor<T> minimum(const Tensor<T>& x) {
  return -maximum(-x);
}
/// An axis is a whole number: maximum(x, 0.5) would be the maximum along axis 0.
template <class T, std::floating_point Number>
Tensor<T> maximum(const Tensor<T>& x, Number) {
  static_assert(!std::is_same_v<T, T>,
                "maximum(x, axis) reduces an axis: for the larger of each element and a number write "
                "clamp(x, number, INFINITY), or relu(x) for 0");
  return x;
}
template <class T, std::floating_point Number>
Tensor<T> minimum(const Tensor<T>& x, Number) {
  static_assert(!std::is_same_v<T, T>,
                "minimum(x, axis) reduces an axis: for the smaller of each element and a number write "
                "clamp(x, -INFINITY, number)");
  return x;
}

/// PyTorch's names of the reductions: max(x), max(x, axis) and max(x, axis, keep), and the same for min.
template <class T, class... Options>
requires(std::is_arithmetic_v<Options>&&...) Tensor<T> max(const Tensor<T>& x, Options... options) {
  return maximum(x, options...);
}
template <class T, class... Options>
requires(std::is_arithmetic_v<Options>&&...) Tensor<T> min(const Tensor<T>& x, Options... options) {
  return minimum(x, options...);
}

/// The mean of squared distances from the mean along an axis, with `correction` taken from the count it is
/// divided by: 1 as in PyTorch, 0 as in NumPy. InputError for an axis not longer than the correction.
template <class T>
Tensor<T> variance(const Tensor<T>& x, Index axis, bool keep = false, Index correction = 1) {
  const Index count = x.extent(axis) - correction;
  require(count > 0, "variance: more than ", correction, " elements expected along axis ", axis, " of shape ",
          x.shape());
  return sum(square(x - mean(x, axis, true)), axis, keep) / static_cast<double>(count);
}

/// PyTorch's name of it. A third argument means something else there, so it does not compile.
template <class T>
Tensor<T> var(const Tensor<T>& x, Index axis) {
  return variance(x, axis);
}
template <class T, class... More>
Tensor<T> var(const Tensor<T>&, Index, bool, More...) {
  static_assert(!std::is_same_v<T, T>,
                "PyTorch's var(x, axis, b) takes b for `unbiased`: write "
                "variance(x, axis, keep, correction)");
  return {};
}

}  // namespace memsizer
