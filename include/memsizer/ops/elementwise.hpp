#pragma once
// Functions of each element, arithmetic with broadcasting, dropout.

#include <cmath>

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// y = f(x), element by element.
template <class T>
Tensor<T> unary(UnaryFunction f, const Tensor<T>& x) {
  Tensor<T> y(x.shape(), x.device());
  launch(x.device(), "unary", x.kernels().elementwise.unary, y.data(), x.data(), f, x.size());
  record(
      name_of(f), y,
      [=, dx = GradientTarget(x), x = Saved(x)](const Tensor<T>& dy) {
        launch(x.device(), "unary_backward", x.kernels().elementwise.unary_backward, dx(), dy.data(),
               x.data(), f, x.size());
      },
      x);
  return y;
}

template <class T>
Tensor<T> exp(const Tensor<T>& x) {
  return unary(UnaryFunction::exp, x);
}
template <class T>
Tensor<T> log(const Tensor<T>& x) {
  return unary(UnaryFunction::log, x);
}
template <class T>
Tensor<T> sqrt(const Tensor<T>& x) {
  return unary(UnaryFunction::sqrt, x);
}
template <class T>
Tensor<T> reciprocal(const Tensor<T>& x) {
  return unary(UnaryFunction::reciprocal, x);
}
template <class T>
Tensor<T> square(const Tensor<T>& x) {
  return unary(UnaryFunction::square, x);
}
template <class T>
Tensor<T> absolute(const Tensor<T>& x) {
  return unary(UnaryFunction::absolute, x);
}
template <class T>
Tensor<T> tanh(const Tensor<T>& x) {
  return unary(UnaryFunction::tanh, x);
}
template <class T>
Tensor<T> sigmoid(const Tensor<T>& x) {
  return unary(UnaryFunction::sigmoid, x);
}
template <class T>
Tensor<T> relu(const Tensor<T>& x) {
  return unary(UnaryFunction::relu, x);
}
/// x Phi(x) with the exact normal distribution function (Hendrycks and Gimpel 2016).
template <class T>
Tensor<T> gelu(const Tensor<T>& x) {
  return unary(UnaryFunction::gelu, x);
}
/// GELU by its tanh formula: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
template <class T>
Tensor<T> gelu_tanh(const Tensor<T>& x) {
  return unary(UnaryFunction::gelu_tanh, x);
}
/// elu(x) + 1: x + 1 above 0, e^x below; the feature map of linear attention (Katharopoulos et al. 2020).
template <class T>
Tensor<T> elu_plus_one(const Tensor<T>& x) {
  return unary(UnaryFunction::elu_plus_one, x);
}
template <class T>
Tensor<T> sin(const Tensor<T>& x) {
  return unary(UnaryFunction::sine, x);
}
template <class T>
Tensor<T> cos(const Tensor<T>& x) {
  return unary(UnaryFunction::cosine, x);
}
template <class T>
Tensor<T> abs(const Tensor<T>& x) {
  return absolute(x);
}
template <class T>
Tensor<T> operator-(const Tensor<T>& x) {
  return unary(UnaryFunction::negate, x);
}

/// y = f(a, b). Shapes are aligned at their last axis; an extent of 1, or a missing one, is repeated.
template <class T>
Tensor<T> binary(BinaryFunction f, const char* name, const Tensor<T>& a, const Tensor<T>& any_b) {
  require_same_device(name, a, any_b);
  const Tensor<T> b = apart_from(any_b, a);
  const Shape shape = broadcast_shape(name, a.shape(), b.shape());
  const Walk walk = broadcast_walk(shape, a.shape(), b.shape());
  Tensor<T> y(shape, a.device());
  launch(a.device(), name, a.kernels().elementwise.binary, y.data(), a.data(), b.data(), f, walk);
  // For products and quotients df/da reads b, and df/db reads a; for a quotient df/db reads both.
  const bool reads = f == BinaryFunction::multiply || f == BinaryFunction::divide;
  const bool reads_a = reads && b.requires_gradient();
  const bool reads_b = reads && (f == BinaryFunction::divide || a.requires_gradient());
  record(
      name, y,
      [=, da = GradientTarget(a), db = GradientTarget(b), a = reads_a ? Saved(a) : Saved<T>(),
       b = reads_b ? Saved(b) : Saved<T>()](const Tensor<T>& dy) {
        launch(dy.device(), name, dy.kernels().elementwise.binary_backward, da(), db(), dy.data(),
               a.data_or_null(), b.data_or_null(), f, walk);
      },
      a, b);
  return y;
}

template <class T>
Tensor<T> operator+(const Tensor<T>& a, const Tensor<T>& b) {
  return binary(BinaryFunction::add, "add", a, b);
}
template <class T>
Tensor<T> operator-(const Tensor<T>& a, const Tensor<T>& b) {
  return binary(BinaryFunction::subtract, "subtract", a, b);
}
template <class T>
Tensor<T> operator*(const Tensor<T>& a, const Tensor<T>& b) {
  return binary(BinaryFunction::multiply, "multiply", a, b);
}
template <class T>
Tensor<T> operator/(const Tensor<T>& a, const Tensor<T>& b) {
  return binary(BinaryFunction::divide, "divide", a, b);
}

/// y = scale * x + shift, where scale and shift are numbers.
template <class T>
Tensor<T> affine(const Tensor<T>& x, double scale, double shift) {
  Tensor<T> y(x.shape(), x.device());
  launch(x.device(), "affine", x.kernels().elementwise.affine, Output<T>{y.data()}, x.data(), scale, shift,
         x.size());
  record(
      "affine", y,
      [=, dx = GradientTarget(x)](const Tensor<T>& dy) {
        launch(dy.device(), "affine", dy.kernels().elementwise.affine, dx(), dy.data(), scale, 0.0,
               dy.size());
      },
      x);
  return y;
}

template <class T>
Tensor<T> operator*(const Tensor<T>& x, double scale) {
  return affine(x, scale, 0);
}
template <class T>
Tensor<T> operator*(double scale, const Tensor<T>& x) {
  return affine(x, scale, 0);
}
template <class T>
Tensor<T> operator/(const Tensor<T>& x, double divisor) {
  return affine(x, 1 / divisor, 0);
}
template <class T>
Tensor<T> operator+(const Tensor<T>& x, double shift) {
  return affine(x, 1, shift);
}
template <class T>
Tensor<T> operator+(double shift, const Tensor<T>& x) {
  return affine(x, 1, shift);
}
template <class T>
Tensor<T> operator-(const Tensor<T>& x, double shift) {
  return affine(x, 1, -shift);
}
template <class T>
Tensor<T> operator-(double shift, const Tensor<T>& x) {
  return affine(x, -1, shift);
}

template <class T>
Tensor<T> operator/(double dividend, const Tensor<T>& x) {
  return affine(reciprocal(x), dividend, 0);
}

namespace detail {

/// x^exponent of an x that is not on the tape.
template <class T>
Tensor<T> power(const Tensor<T>& x, double exponent) {
  if (std::trunc(exponent) != exponent || std::abs(exponent) > 64) return exp(log(x) * exponent);
  if (exponent < 0) return reciprocal(power(x, -exponent));
  if (exponent == 0) return Tensor<T>::ones(x.shape(), x.device());
  if (exponent == 1) return x;
  const Tensor<T> root = power(x, std::floor(exponent / 2));
  return std::fmod(exponent, 2) == 0 ? square(root) : square(root) * x;
}

}  // namespace detail

/// x^p for an exponent p. A whole one up to 64 is a product, so that x may be below 0; for any other, x^p =
/// e^(p log x) is NaN there. dx = p x^(p - 1) dy, which at x = 0 is 0 for p > 1 and p = 0, and infinite for p
/// < 1.
template <class T>
Tensor<T> pow(const Tensor<T>& x, double exponent) {
  if (exponent == 1) return x;
  Tensor<T> y = detail::power(x.detach(), exponent);
  record(
      "pow", y,
      [=, dx = GradientTarget(x), x = Saved(x)](const Tensor<T>& dy) {
        const Tensor<T> slope = exponent == 0 ? Tensor<T>::zeros(dy.shape(), dy.device())
                                              : detail::power(*x, exponent - 1) * exponent;
        pass_on("pow", dx(), dy * slope);
      },
      x);
  return y;
}

// x += y is x = x + y: the handle x is bound to the sum, which is recorded; other handles keep their value.
#define MEMSIZER_ASSIGNMENT(OPERATOR)                                 \
  template <class T, class Other>                                     \
  Tensor<T>& operator OPERATOR##=(Tensor<T>& x, const Other& other) { \
    return x = x OPERATOR other;                                      \
  }
MEMSIZER_ASSIGNMENT(+)
MEMSIZER_ASSIGNMENT(-)
MEMSIZER_ASSIGNMENT(*)
MEMSIZER_ASSIGNMENT(/)
#undef MEMSIZER_ASSIGNMENT

// Two element types in one operation do not compile, with a word of what to write.
#define MEMSIZER_MIXED(OPERATOR)                                                                             \
  template <class A, class B>                                                                                \
  requires(!std::is_same_v<A, B>) Tensor<A>                                                                  \
  operator OPERATOR(const Tensor<A>& a, const Tensor<B>&) {                                                  \
    static_assert(std::is_same_v<A, B>, "two element types: convert one of them, as in x.to<double>() + z"); \
    return a;                                                                                                \
  }
MEMSIZER_MIXED(+)
MEMSIZER_MIXED(-)
MEMSIZER_MIXED(*)
MEMSIZER_MIXED(/)
MEMSIZER_MIXED(==)
MEMSIZER_MIXED(!=)
MEMSIZER_MIXED(<)
MEMSIZER_MIXED(<=)
MEMSIZER_MIXED(>)
MEMSIZER_MIXED(>=)
#undef MEMSIZER_MIXED

/// Zeroes each element with the dropout's probability and divides the others by 1 - probability (Srivastava
/// et al. 2014). The mask is a function of the dropout's key, so backward and any recomputation draw the same
/// mask.
template <class T>
Tensor<T> dropout(const Tensor<T>& x, const Dropout& settings) {
  require_drawable("dropout", settings);
  if (!settings) return x;
  Tensor<T> y(x.shape(), x.device());
  launch(x.device(), "dropout", x.kernels().elementwise.dropout, Output<T>{y.data()}, x.data(), settings,
         x.size());
  record(
      "dropout", y,
      [=, dx = GradientTarget(x)](const Tensor<T>& dy) {
        launch(dy.device(), "dropout", dy.kernels().elementwise.dropout, dx(), dy.data(), settings,
               dy.size());
      },
      x);
  return y;
}

/// A probability alone draws no mask, for there is no global generator.
template <class T>
Tensor<T> dropout(const Tensor<T>& x, double) {
  static_assert(!std::is_same_v<T, T>,
                "dropout needs the key of the step: nn::StepKey key(seed); dropout(x, "
                "key.training(step).dropout(0.5, name_key(\"here\"))), or nn::Dropout in an nn::Sequential");
  return x;
}

}  // namespace memsizer
