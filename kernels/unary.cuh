#pragma once
// Functions of each element: y = f(x) and dx (+)= f'(x) dy, computed in Accumulate<T>. A thread has one
// element, or on the second rung those of 16 bytes.

#include "kernels/map.cuh"
#include "kernels/sine.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class A>
__device__ A logistic(A x) {
  return 1 / (1 + std::exp(-x));
}

/// The cumulative normal distribution.
template <class A>
__device__ A normal_cdf(A x) {
  return std::erfc(-x * A(0.70710678118654752440)) / 2;
}

/// 2 u of GELU's tanh formula, u = sqrt(2 / pi) (x + 0.044715 x^3), and its derivative.
template <class A>
__device__ A twice_gelu_u(A x) {
  return x * A(1.59576912160573071176) * (1 + A(0.044715) * x * x);
}
template <class A>
__device__ A twice_gelu_slope(A x) {
  return A(1.59576912160573071176) * (1 + A(3 * 0.044715) * x * x);
}

/// f(x); if x is NaN, the result is NaN.
template <class A>
__device__ A unary_value(UnaryFunction f, A x) {
  switch (f) {
    case UnaryFunction::negate:
      return -x;
    case UnaryFunction::exp:
      return std::exp(x);
    case UnaryFunction::log:
      return std::log(x);
    case UnaryFunction::sqrt:
      return std::sqrt(x);
    case UnaryFunction::reciprocal:
      return 1 / x;
    case UnaryFunction::square:
      return x * x;
    case UnaryFunction::absolute:
      return std::abs(x);
    case UnaryFunction::tanh:
      return std::tanh(x);
    case UnaryFunction::sigmoid:
      return logistic(x);
    case UnaryFunction::relu:
      return x < 0 ? A(0) : x;
    case UnaryFunction::gelu:
      return x * normal_cdf(x);
    case UnaryFunction::gelu_tanh:
      return x < -100 ? A(0) : x * logistic(twice_gelu_u(x));
    case UnaryFunction::elu_plus_one:
      return x > 0 ? x + 1 : std::exp(x);
    case UnaryFunction::sine:
      return sine(x);
    case UnaryFunction::cosine:
      return cosine(x);
  }
  return A(NAN);
}

/// f'(x); 0 at a corner, such as ReLU's at 0. The slope of GELU's tanh formula is constant beyond +-10, so x
/// is clamped there; for large x the formula would overflow.
template <class A>
__device__ A unary_slope(UnaryFunction f, A x) {
  switch (f) {
    case UnaryFunction::negate:
      return A(-1);
    case UnaryFunction::exp:
      return std::exp(x);
    case UnaryFunction::log:
      return 1 / x;
    case UnaryFunction::reciprocal:
      return -1 / (x * x);
    case UnaryFunction::sqrt:
      return 1 / (2 * std::sqrt(x));
    case UnaryFunction::square:
      return 2 * x;
    case UnaryFunction::absolute:
      return x < 0 ? A(-1) : x == 0 ? A(0) : A(1);
    case UnaryFunction::tanh: {
      const A y = std::tanh(x);
      return 1 - y * y;
    }
    case UnaryFunction::sigmoid:
      return logistic(x) * logistic(-x);
    case UnaryFunction::relu:
      return x <= 0 ? A(0) : A(1);
    case UnaryFunction::gelu:
      return normal_cdf(x) + x * std::exp(-x * x / 2) * A(0.39894228040143267794);
    case UnaryFunction::gelu_tanh: {
      const A near = x < -10 ? A(-10) : x > 10 ? A(10) : x;
      const A s = logistic(twice_gelu_u(near));
      return s * (1 + near * twice_gelu_slope(near) * logistic(-twice_gelu_u(near)));
    }
    case UnaryFunction::elu_plus_one:
      return x > 0 ? A(1) : std::exp(x);
    case UnaryFunction::sine:
      return cosine(x);
    case UnaryFunction::cosine:
      return -sine(x);
  }
  return A(NAN);
}

/// f'(x) dy. A ReLU with slope 0 gives 0 even if dy is infinite. The reciprocal divides twice, because x^2
/// may overflow although the gradient does not.
template <class A>
__device__ A unary_gradient(UnaryFunction f, A x, A dy) {
  if (f == UnaryFunction::reciprocal) return -(dy / x) / x;
  const A slope = unary_slope(f, x);
  return f == UnaryFunction::relu && slope == 0 ? A(0) : slope * dy;
}

/// unary_value and unary_gradient as the functions of maps.
template <class A>
struct UnaryMap {
  UnaryFunction f;
  __device__ A operator()(A x) const { return unary_value(f, x); }
};
template <class A>
struct UnaryGradientMap {
  UnaryFunction f;
  __device__ A operator()(A x, A dy) const { return unary_gradient(f, x, dy); }
};

// Each has the code of all functions.
template <class A>
inline constexpr bool is_long<UnaryMap<A>> = true;
template <class A>
inline constexpr bool is_long<UnaryGradientMap<A>> = true;

template <class T>
void unary(Context& context, T* y, const T* x, UnaryFunction f, Index n) {
  launch_map(context, "unary", Output<T>{y}, x, UnaryMap<Accumulate<T>>{f}, n);
}

template <class T>
void unary_backward(Context& context, Output<T> dx, const T* dy, const T* x, UnaryFunction f, Index n) {
  launch_map(context, "unary_backward", dx, x, dy, UnaryGradientMap<Accumulate<T>>{f}, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
