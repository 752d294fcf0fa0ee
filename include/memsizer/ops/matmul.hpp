#pragma once
// Matrix products: of batches of matrices, and the linear layer with its epilogue.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/layout.hpp"

namespace memsizer {

/// The shape of op(a) op(b) for row-major a and b, whose last two axes are the matrices.
inline MatmulShape matmul_shape(const Shape& a, const Shape& b, Transposes transposes) {
  require(a.rank() >= 2 && b.rank() >= 2, "matmul: at least 2 axes each expected, got shapes ", a, " and ",
          b);
  const Index inner = transposes.a ? a[-2] : a[-1];
  require(inner == (transposes.b ? b[-1] : b[-2]), "matmul: inner extents differ in shapes ", a,
          transposes.a ? " (transposed)" : "", " and ", b, transposes.b ? " (transposed)" : "");
  return contiguous_product(transposes.a ? a[-1] : a[-2], transposes.b ? b[-2] : b[-1], inner, transposes);
}

/// c (+)= op(a) op(b) for `batch` contiguous matrices each: the forward product and both backward ones.
template <class T>
void matmul_into(Output<T> c, const Tensor<T>& a, const Tensor<T>& b, Transposes transposes, Index batch) {
  MatmulShape shape = matmul_shape(a.shape(), b.shape(), transposes);
  shape.batch = batch;
  shape.a_stride = a.extent(-1) * a.extent(-2);
  shape.b_stride = b.extent(-1) * b.extent(-2);
  shape.c_stride = shape.rows * shape.columns;
  launch(a.device(), "matmul", a.kernels().matmul.matmul, c, a.data(), b.data(), shape, Epilogue<T>{});
}

/// c = op(a) op(b) for each matrix of the batch; op transposes if asked. All axes but the last two must be
/// equal.
template <class T>
Tensor<T> matmul(const Tensor<T>& a, const Tensor<T>& b, Transposes transposes = {}) {
  require_same_device("matmul", a, b);
  const MatmulShape sizes = matmul_shape(a.shape(), b.shape(), transposes);
  const Shape shape = a.shape().with(-2, sizes.rows).with(-1, sizes.columns);
  require(shape == b.shape().with(-2, sizes.rows).with(-1, sizes.columns), "matmul: the batches of shapes ",
          a.shape(), " and ", b.shape(), " differ");
  Tensor<T> c(shape, a.device());
  const Index batch = rows_and_columns(shape.with(-2, 1)).rows;
  matmul_into(Output<T>{c.data()}, a, b, transposes, batch);
  record(
      "matmul", c,
      [=, da = GradientTarget(a), db = GradientTarget(b), a = Saved(a), b = Saved(b)](const Tensor<T>& dc) {
        // c = AB: dA = dC B^T and dB = A^T dC; a transposed operand gets the transposed product.
        if (da.wanted())
          transposes.a ? matmul_into(da(), *b, dc, {transposes.b, true}, batch)
                       : matmul_into(da(), dc, *b, {false, !transposes.b}, batch);
        if (db.wanted())
          transposes.b ? matmul_into(db(), dc, *a, {true, transposes.a}, batch)
                       : matmul_into(db(), *a, dc, {!transposes.a, false}, batch);
      },
      a, b);
  return c;
}

/// Applies an activation, which must not be none, as an operation of its own.
inline UnaryFunction unary_function(Activation activation) {
  if (activation == Activation::relu) return UnaryFunction::relu;
  return activation == Activation::gelu ? UnaryFunction::gelu : UnaryFunction::gelu_tanh;
}

/// y = activation(x weight^T + bias) with weight [outputs, inputs] and bias [outputs] (undefined: none), over
/// the last axis of x.
template <class T>
Tensor<T> linear(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& bias = {},
                 Activation activation = Activation::none) {
  require_same_device("linear", x, weight, bias);
  require(weight.rank() == 2 && x.rank() >= 1 && x.extent(-1) == weight.extent(1), "linear: input of shape ",
          x.shape(), " does not fit a weight of shape ", weight.shape());
  require(!bias.defined() || bias.shape() == Shape{weight.extent(0)}, "linear: bias of shape ",
          bias.defined() ? bias.shape() : Shape{}, " does not fit a weight of shape ", weight.shape());
  const LinearShape sizes{
      .rows = rows_and_columns(x.shape()).rows, .inputs = weight.extent(1), .outputs = weight.extent(0)};
  const MatmulShape product = contiguous_product(sizes.rows, sizes.outputs, sizes.inputs, {.b = true});
  Tensor<T> y(x.shape().with(-1, sizes.outputs), x.device());
  Tensor<T> before_activation;
  if (activation != Activation::none && is_recorded(x, weight, bias))
    before_activation = Tensor<T>(y.shape(), x.device());
  launch(x.device(), "linear", x.kernels().matmul.matmul, Output<T>{y.data()}, x.data(), weight.data(),
         product,
         Epilogue<T>{bias.defined() ? bias.data() : nullptr, activation,
                     before_activation.defined() ? before_activation.data() : nullptr});
  record(
      "linear", y,
      [=, dx = GradientTarget(x), dweight = parameter_target(weight), dbias = parameter_target(bias),
       x = Saved(x), weight = Saved(weight)](const Tensor<T>& dy) {
        Tensor<T> dz = dy;
        if (activation != Activation::none) {
          dz = Tensor<T>(dy.shape(), dy.device());
          launch(x.device(), "linear", x.kernels().elementwise.unary_backward, Output<T>{dz.data()},
                 dy.data(), before_activation.data(), unary_function(activation), dy.size());
        }
        if (dweight.wanted() || dbias.wanted())
          launch(x.device(), "linear_weight_backward", x.kernels().matmul.linear_weight_backward, dweight(),
                 dbias(), dz.data(), x.data(), sizes);
        if (dx.wanted()) matmul_into(dx(), reshape(dz, Shape{sizes.rows, sizes.outputs}), *weight, {}, 1);
      },
      x, weight, bias);
  return y;
}

}  // namespace memsizer
