#pragma once
// Layer normalisation.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis, weight and bias [columns]
/// (Ba et al. 2016, arXiv 1607.06450). An undefined weight counts as 1, an undefined bias as 0.
template <class T>
Tensor<T> layer_norm(const Tensor<T>& x, const Tensor<T>& any_weight, const Tensor<T>& any_bias,
                     double epsilon = 1e-5) {
  using A = Accumulate<T>;
  require_same_device("layer_norm", x, any_weight, any_bias);
  const auto [rows, columns] = rows_and_columns(x.shape());
  const Tensor<T> weight =
      any_weight.defined() ? apart_from(any_weight, x) : Tensor<T>::ones({columns}, x.device());
  const Tensor<T> bias =
      any_bias.defined() ? apart_from(any_bias, x, any_weight) : Tensor<T>::zeros({columns}, x.device());
  require(weight.shape() == Shape{columns} && bias.shape() == Shape{columns},
          "layer_norm: weight and bias of shape [", columns, "] expected, got ", weight.shape(), " and ",
          bias.shape());
  Tensor<T> y(x.shape(), x.device());
  Tensor<A> mean(Shape{rows}, x.device()), inverse_deviation(Shape{rows}, x.device());
  launch(x.device(), "layer_norm", x.kernels().norm.layer_norm, y.data(), mean.data(),
         inverse_deviation.data(), x.data(), weight.data(), bias.data(), rows, columns, epsilon);
  record(
      "layer_norm", y,
      [=, dx = GradientTarget(x), dweight = parameter_target(weight), dbias = parameter_target(bias),
       x = Saved(x), weight = Saved(weight), rows = rows, columns = columns](const Tensor<T>& dy) {
        launch(x.device(), "layer_norm_backward", x.kernels().norm.layer_norm_backward, dx(), dweight(),
               dbias(), dy.data(), mean.data(), inverse_deviation.data(), x.data(), weight.data(), rows,
               columns);
      },
      x, weight, bias);
  return y;
}

}  // namespace memsizer
