#pragma once
// Comparisons, and what chooses among elements: no gradient passes any of them. They are computed on the
// host.

#include "memsizer/device/walk.hpp"
#include "memsizer/ops/convert.hpp"
#include "memsizer/ops/elementwise.hpp"

namespace memsizer {

/// What a host function of one pair of elements gives for all pairs of two tensors that broadcast.
template <class R, class T, class Function>
Tensor<R> pairwise_on_host(const char* name, const Tensor<T>& a, const Tensor<T>& b, const Function& f) {
  require_same_device(name, a, b);
  const Shape shape = broadcast_shape(name, a.shape(), b.shape());
  const Walk walk = broadcast_walk(shape, a.shape(), b.shape());
  const std::vector<T> left = a.to_vector(), right = b.to_vector();
  std::vector<R> values;
  values.reserve(static_cast<std::size_t>(shape.size()));
  for (Index i = 0; i < shape.size(); ++i) {
    const Offsets at = offsets_of(walk, i);
    values.push_back(f(left[static_cast<std::size_t>(at.a)], right[static_cast<std::size_t>(at.b)]));
  }
  return Tensor<R>(shape, values, a.device());
}

namespace detail {

/// 1 where it holds, else 0.
template <class T, class Comparison>
Tensor<Id> compared(const char* name, const Tensor<T>& a, const Tensor<T>& b, Comparison holds) {
  return pairwise_on_host<Id>(name, a, b, [&](T x, T y) { return Id{holds(x, y) ? 1 : 0}; });
}

/// A number as a tensor that broadcasts. InputError for a number that is no id where x holds ids.
template <class T, class Number>
Tensor<T> scalar_like(const char* name, const Tensor<T>& x, Number value) {
  return Tensor<T>::full(Shape{}, as_element<T>(name, value), x.device());
}

/// line(at, length) of each line along an axis, where at(i) is element i of the line. The axis disappears
/// from the shape unless `keep`.
template <class T, class Line>
Tensor<Id> of_each_line(const Tensor<T>& x, Index axis, bool keep, const Line& line) {
  const AxisShape sizes = axis_shape(x.shape(), axis);
  const std::vector<T> values = x.to_vector();
  std::vector<Id> results;
  for (Index outer = 0; outer < sizes.outer; ++outer)
    for (Index inner = 0; inner < sizes.inner; ++inner) {
      const auto at = [&](Index i) {
        return values[static_cast<std::size_t>((outer * sizes.length + i) * sizes.inner + inner)];
      };
      results.push_back(line(at, sizes.length));
    }
  return Tensor<Id>(reduced_shape(x.shape(), axis, keep), results, x.device());
}

/// A tensor as it is compared with a number. Ids become doubles, which hold them all: as an id the number 0.5
/// would be 0.
template <class T>
auto comparable(const Tensor<T>& x) {
  if constexpr (is_element<T>)
    return x;
  else
    return cast<double>(x);
}

}  // namespace detail

// Tensor<Id> of 1 where the comparison holds and 0 where it does not (NaN: only != holds). Shapes broadcast.
#define MEMSIZER_COMPARISON(OPERATOR, NAME, FUNCTION)                                        \
  template <class T>                                                                         \
  Tensor<Id> operator OPERATOR(const Tensor<T>& a, const Tensor<T>& b) {                     \
    return detail::compared(NAME, a, b, FUNCTION());                                         \
  }                                                                                          \
  template <class T>                                                                         \
  Tensor<Id> operator OPERATOR(const Tensor<T>& a, double b) {                               \
    const auto number = detail::comparable(a);                                               \
    return detail::compared(NAME, number, detail::scalar_like(NAME, number, b), FUNCTION()); \
  }                                                                                          \
  template <class T>                                                                         \
  Tensor<Id> operator OPERATOR(double a, const Tensor<T>& b) {                               \
    const auto number = detail::comparable(b);                                               \
    return detail::compared(NAME, detail::scalar_like(NAME, number, a), number, FUNCTION()); \
  }
MEMSIZER_COMPARISON(==, "equal", std::ranges::equal_to)
MEMSIZER_COMPARISON(!=, "not_equal", std::ranges::not_equal_to)
MEMSIZER_COMPARISON(<, "less", std::ranges::less)
MEMSIZER_COMPARISON(<=, "less_equal", std::ranges::less_equal)
MEMSIZER_COMPARISON(>, "greater", std::ranges::greater)
MEMSIZER_COMPARISON(>=, "greater_equal", std::ranges::greater_equal)
#undef MEMSIZER_COMPARISON

/// Whether every element is different from 0, and whether one is: all(x == y).
template <class T>
bool all(const Tensor<T>& x) {
  return std::ranges::all_of(x.to_vector(), [](T value) { return value != T{0}; });
}
template <class T>
bool any(const Tensor<T>& x) {
  return std::ranges::any_of(x.to_vector(), [](T value) { return value != T{0}; });
}

/// The place of the largest element along an axis, which disappears from the shape unless `keep`; the first
/// of equal ones, and NaN before all numbers. InputError for an empty axis.
template <class T>
Tensor<Id> argmax(const Tensor<T>& x, Index axis, bool keep = false) {
  require(x.extent(axis) > 0, "argmax: axis ", axis, " of shape ", x.shape(), " is empty");
  return detail::of_each_line(x, axis, keep, [](const auto& at, Index length) {
    Index best = 0;
    for (Index i = 1; i < length && at(best) == at(best); ++i)
      if (!(at(i) <= at(best))) best = i;
    return static_cast<Id>(best);
  });
}
template <class T>
Tensor<Id> argmin(const Tensor<T>& x, Index axis, bool keep = false) {
  return argmax(-x.detach(), axis, keep);
}
/// The place among all elements, in row-major order: 4 for the middle one of a [3, 3].
template <class T>
Tensor<Id> argmax(const Tensor<T>& x) {
  return argmax(x.view(0, Shape{x.size()}), 0);
}
template <class T>
Tensor<Id> argmin(const Tensor<T>& x) {
  return argmin(x.view(0, Shape{x.size()}), 0);
}

}  // namespace memsizer
