#pragma once
// Twins of the simplest operations, for which nothing simpler exists: loops over elements on the host, by
// definition.

#include <cmath>
#include <limits>

#include "memsizer/base/random.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer::check {

/// f of every element, computed on the host in double.
template <class T, class F>
Tensor<T> on_host(const Tensor<T>& x, const F& f) {
  std::vector<T> values = x.to_vector();
  for (T& value : values) value = static_cast<T>(f(static_cast<double>(value)));
  return Tensor<T>(x.shape(), values, x.device());
}

/// f(a, b) with broadcasting, element by element on the host.
template <class T>
Tensor<T> binary_on_host(const Tensor<T>& a, const Tensor<T>& b, double (*f)(double, double)) {
  const Shape shape = broadcast_shape("twin", a.shape(), b.shape());
  const Walk walk = broadcast_walk(shape, a.shape(), b.shape());
  const std::vector<T> x = a.to_vector(), y = b.to_vector();
  std::vector<T> z(static_cast<std::size_t>(shape.size()));
  for (Index i = 0; i < shape.size(); ++i) {
    Index at_a = 0, at_b = 0;
    for (int axis = 0; axis < walk.rank; ++axis) {
      const Index index = i / walk.y_strides[axis] % walk.extents[axis];
      at_a += index * walk.a_strides[axis];
      at_b += index * walk.b_strides[axis];
    }
    z[static_cast<std::size_t>(i)] =
        static_cast<T>(f(x[static_cast<std::size_t>(at_a)], y[static_cast<std::size_t>(at_b)]));
  }
  return Tensor<T>(shape, z, a.device());
}

/// A reduction over the middle of three axes, on the host.
template <class T>
Tensor<T> reduce_on_host(const Tensor<T>& x, ReduceFunction f) {
  const Index outer = x.extent(0), axis = x.extent(1), inner = x.extent(2);
  const std::vector<T> values = x.to_vector();
  std::vector<T> result;
  for (Index o = 0; o < outer; ++o)
    for (Index i = 0; i < inner; ++i) {
      double sum = 0, largest = -std::numeric_limits<double>::infinity();
      for (Index a = 0; a < axis; ++a) {
        const double value = values[static_cast<std::size_t>((o * axis + a) * inner + i)];
        sum += value;
        largest = std::max(largest, value);
      }
      result.push_back(static_cast<T>(f == ReduceFunction::maximum ? largest
                                      : f == ReduceFunction::mean  ? sum / static_cast<double>(axis)
                                                                   : sum));
    }
  return Tensor<T>(Shape{outer, inner}, result, x.device());
}

/// Dropout by its definition: word e mod 4 of philox(key, e / 4) against the probability.
template <class T>
Tensor<T> dropout_on_host(const Tensor<T>& x, float probability, std::uint64_t step_key) {
  std::vector<T> values = x.to_vector();
  const std::uint64_t key = mix_keys(step_key, name_key("case"));
  for (std::size_t e = 0; e < values.size(); ++e) {
    const double word = philox(key, e / 4).word[e % 4];
    const double kept = static_cast<double>(values[e]) / (1 - static_cast<double>(probability));
    values[e] = word >= probability * 0x1p32 ? static_cast<T>(kept) : T{0};
  }
  return Tensor<T>(x.shape(), values, x.device());
}

}  // namespace memsizer::check
