#pragma once
// The unary functions and their gradients as array expressions. If a function needs a value twice, its
// expression computes the value once.

#include <Eigen/Core>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "memsizer/cpu/whole_packets.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

// Each function has value(x) and gradient(x, dy) = f'(x) dy, over arrays.

struct Negate {
  static auto value(const auto& x) { return -x; }
  static auto gradient(const auto&, const auto& dy) { return -dy; }
};

struct Exp {
  static auto value(const auto& x) { return exponential(x); }
  static auto gradient(const auto& x, const auto& dy) { return exponential(x) * dy; }
};

struct Log {
  static auto value(const auto& x) { return logarithm(x); }
  static auto gradient(const auto& x, const auto& dy) { return dy / x; }
};

struct Sqrt {
  static auto value(const auto& x) { return square_root(x); }
  static auto gradient(const auto& x, const auto& dy) { return dy / (square_root(x) * 2); }
};

struct Reciprocal {
  static auto value(const auto& x) { return x.inverse(); }
  /// We divide twice, since the square may overflow when the gradient does not.
  static auto gradient(const auto& x, const auto& dy) { return -(dy / x) / x; }
};

struct Square {
  static auto value(const auto& x) { return x.square(); }
  static auto gradient(const auto& x, const auto& dy) { return x * dy * 2; }
};

/// The derivative at 0 is 0.
struct Absolute {
  static auto value(const auto& x) { return x.abs(); }
  template <class X>
  static auto gradient(const X& x, const auto& dy) {
    using T = typename X::Scalar;
    return x.binaryExpr(dy, [](T v, T d) { return v < 0 ? -d : v == 0 ? T{0} : d; });
  }
};

struct Tanh {
  static auto value(const auto& x) { return hyperbolic_tangent(x); }
  static auto gradient(const auto& x, const auto& dy) { return (1 - hyperbolic_tangent(x).square()) * dy; }
};

/// 1 / (1 + e^-x)
struct Sigmoid {
  static auto value(const auto& x) { return logistic(x); }
  static auto gradient(const auto& x, const auto& dy) { return logistic(x) * logistic(-x) * dy; }
};

/// max(x, 0), NaN where x is NaN. The derivative at 0 is 0.
struct Relu {
  template <class X>
  static auto value(const X& x) {
    return x.unaryExpr([](typename X::Scalar v) { return v < 0 ? typename X::Scalar{0} : v; });
  }
  template <class X>
  static auto gradient(const X& x, const auto& dy) {
    using T = typename X::Scalar;
    return x.binaryExpr(dy, [](T v, T d) { return v <= 0 ? T{0} : d; });
  }
};

/// elu(x) + 1 (Clevert et al. 2015), which is x + 1 above 0 and e^x below: We never compute the difference
/// e^x - 1, so that the result stays above 0.
struct EluPlusOne {
  template <class X>
  static auto value(const X& x) {
    using T = typename X::Scalar;
    return x.max(T{0}) + exponential(below(x));
  }
  static auto gradient(const auto& x, const auto& dy) { return exponential(below(x)) * dy; }

 private:
  template <class X>
  static auto below(const X& x) {
    return x.min(typename X::Scalar{0});
  }
};

/// By the standard library's functions element by element: packets of them would differ from the tail's.
struct Sine {
  template <class X>
  static auto value(const X& x) {
    return x.unaryExpr([](typename X::Scalar v) { return std::sin(v); });
  }
  template <class X>
  static auto gradient(const X& x, const auto& dy) {
    using T = typename X::Scalar;
    return x.binaryExpr(dy, [](T v, T d) { return std::cos(v) * d; });
  }
};

struct Cosine {
  template <class X>
  static auto value(const X& x) {
    return x.unaryExpr([](typename X::Scalar v) { return std::cos(v); });
  }
  template <class X>
  static auto gradient(const X& x, const auto& dy) {
    using T = typename X::Scalar;
    return x.binaryExpr(dy, [](T v, T d) { return -std::sin(v) * d; });
  }
};

/// The cumulative normal distribution P(x) = (1 + erf(x / sqrt 2)) / 2.
template <class X>
auto normal_cdf(const X& x) {
  using T = typename X::Scalar;
  return T{0.5} + T{0.5} * error_function(x * T{1 / std::numbers::sqrt2_v<T>});
}

/// x P(x) (Hendrycks and Gimpel 2016), exact. The derivative is P(x) + x p(x) with p the normal density.
struct Gelu {
  static auto value(const auto& x) { return x * normal_cdf(x); }
  template <class X>
  static auto gradient(const X& x, const auto& dy) {
    using T = typename X::Scalar;
    constexpr T density_at_0 = std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T>;
    return (normal_cdf(x) + x * exponential(x.square() * T{-0.5}) * density_at_0) * dy;
  }
};

/// x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3) = x sigmoid(2 u).
/// With s = sigmoid(2 u) the derivative is s + x s (1 - s) 2 u'.
struct GeluTanh {
  template <class X>
  static auto twice_u(const X& x) {
    using T = typename X::Scalar;
    return x * (static_cast<T>(factor) + static_cast<T>(factor * 0.044715) * x.square());
  }
  /// Below -100 the sigmoid is 0, or so small that it matters only for a very large x.
  template <class X>
  static auto value(const X& x) {
    return x.max(typename X::Scalar{-100}) * logistic(twice_u(x));
  }
  /// Beyond +-10 the derivative is 0 or 1; further out u' would overflow.
  template <class X>
  static auto gradient(const X& x, const auto& dy) {
    using T = typename X::Scalar;
    const auto near = x.max(T{-10}).min(T{10});
    const auto twice_slope =
        near * (static_cast<T>(factor) + static_cast<T>(factor * 3 * 0.044715) * near.square());
    return logistic(twice_u(near)) * (1 + twice_slope * logistic(-twice_u(near))) * dy;
  }

 private:
  static constexpr double factor = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
};

/// Calls body(Function{}) for the function of this name.
template <class Body>
void with_function(UnaryFunction function, const Body& body) {
  switch (function) {
    case UnaryFunction::negate:
      return body(Negate{});
    case UnaryFunction::exp:
      return body(Exp{});
    case UnaryFunction::log:
      return body(Log{});
    case UnaryFunction::sqrt:
      return body(Sqrt{});
    case UnaryFunction::reciprocal:
      return body(Reciprocal{});
    case UnaryFunction::square:
      return body(Square{});
    case UnaryFunction::absolute:
      return body(Absolute{});
    case UnaryFunction::tanh:
      return body(Tanh{});
    case UnaryFunction::sigmoid:
      return body(Sigmoid{});
    case UnaryFunction::relu:
      return body(Relu{});
    case UnaryFunction::gelu:
      return body(Gelu{});
    case UnaryFunction::gelu_tanh:
      return body(GeluTanh{});
    case UnaryFunction::elu_plus_one:
      return body(EluPlusOne{});
    case UnaryFunction::sine:
      return body(Sine{});
    case UnaryFunction::cosine:
      return body(Cosine{});
  }
}

}  // namespace memsizer::cpu
