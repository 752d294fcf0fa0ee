#pragma once
// ReLU and exact GELU (Hendrycks and Gimpel 2016) with their derivatives.

#include <cmath>
#include <numbers>

#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

/// The standard normal distribution function.
template <class T>
T normal_cdf(T x) {
  return T(0.5) * std::erfc(-x * (T(1) / std::numbers::sqrt2_v<T>));
}

/// The standard normal density.
template <class T>
T normal_density(T x) {
  return std::exp(T(-0.5) * x * x) * (std::numbers::inv_sqrtpi_v<T> / std::numbers::sqrt2_v<T>);
}

/// y = activation(z); y may be z.
template <class T>
void activate(T* y, const T* z, Activation activation, Index n) {
  if (activation == Activation::relu)
    for (Index i = 0; i < n; ++i) y[i] = z[i] < 0 ? T(0) : z[i];
  else if (activation == Activation::gelu)
    for (Index i = 0; i < n; ++i) y[i] = z[i] * normal_cdf(z[i]);
  else if (y != z)
    std::copy(z, z + n, y);
}

/// dz = dy * activation'(z); dz may be dy.
template <class T>
void activate_backward(T* dz, const T* dy, const T* z, Activation activation, Index n) {
  if (activation == Activation::relu)
    for (Index i = 0; i < n; ++i) dz[i] = z[i] > 0 ? dy[i] : T(0);
  else if (activation == Activation::gelu)
    for (Index i = 0; i < n; ++i) dz[i] = dy[i] * (normal_cdf(z[i]) + z[i] * normal_density(z[i]));
  else if (dz != dy)
    std::copy(dy, dy + n, dz);
}

template <class T>
void activation_backward(Context& context, T* dz, const T* dy, const T* z, Activation activation, Index n) {
  parallel_for(context, n, 1, [=](Index begin, Index end) {
    activate_backward(dz + begin, dy + begin, z + begin, activation, end - begin);
  });
}

}  // namespace memsizer::cpu
