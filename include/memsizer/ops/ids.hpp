#pragma once
// Arithmetic and reductions of ids, on the host. They are exact: a result that no Id holds is an InputError.

#include <cstdint>

#include "memsizer/ops/compare.hpp"

namespace memsizer {

namespace detail {

/// A whole number as a tensor that broadcasts.
template <std::integral Number>
Tensor<Id> id_like(const char* name, const Tensor<Id>& x, Number number) {
  return Tensor<Id>::full(Shape{}, as_id(name, number), x.device());
}

/// Two ids as wide numbers, whose sums and products fit.
template <class Function>
Tensor<Id> id_arithmetic(const char* name, const Tensor<Id>& a, const Tensor<Id>& b, const Function& f) {
  return pairwise_on_host<Id>(name, a, b,
                              [&](Id x, Id y) { return as_id(name, f(std::int64_t{x}, std::int64_t{y})); });
}

inline std::int64_t divisor(const char* name, std::int64_t number) {
  require(number != 0, name, ": a divisor is 0");
  return number;
}

/// f(.. f(f(first, x_0), x_1) ..) along an axis.
template <class Function>
Tensor<Id> reduced_ids(const char* name, const Tensor<Id>& x, Index axis, bool keep, std::int64_t first,
                       const Function& f) {
  return of_each_line(x, axis, keep, [&](const auto& at, Index length) {
    std::int64_t result = first;
    for (Index i = 0; i < length; ++i) result = f(result, std::int64_t{at(i)});
    return as_id(name, result);
  });
}

/// The id that comes first in an order, along an axis that is not empty.
template <class Before>
Tensor<Id> first_id(const char* name, const Tensor<Id>& x, Index axis, bool keep, const Before& before) {
  require(x.extent(axis) > 0, name, ": axis ", axis, " of shape ", x.shape(), " is empty");
  return of_each_line(x, axis, keep, [&](const auto& at, Index length) {
    Id found = at(0);
    for (Index i = 1; i < length; ++i)
      if (before(at(i), found)) found = at(i);
    return found;
  });
}

}  // namespace detail

// Shapes broadcast, and so does a whole number. Division cuts towards 0 and, like the remainder, refuses 0.
#define MEMSIZER_ID_ARITHMETIC(OPERATOR, NAME, FUNCTION)                          \
  inline Tensor<Id> operator OPERATOR(const Tensor<Id>& a, const Tensor<Id>& b) { \
    return detail::id_arithmetic(NAME, a, b, FUNCTION);                           \
  }                                                                               \
  template <std::integral Number>                                                 \
  Tensor<Id> operator OPERATOR(const Tensor<Id>& a, Number b) {                   \
    return detail::id_arithmetic(NAME, a, detail::id_like(NAME, a, b), FUNCTION); \
  }                                                                               \
  template <std::integral Number>                                                 \
  Tensor<Id> operator OPERATOR(Number a, const Tensor<Id>& b) {                   \
    return detail::id_arithmetic(NAME, detail::id_like(NAME, b, a), b, FUNCTION); \
  }
MEMSIZER_ID_ARITHMETIC(+, "add", std::plus<>())
MEMSIZER_ID_ARITHMETIC(-, "subtract", std::minus<>())
MEMSIZER_ID_ARITHMETIC(*, "multiply", std::multiplies<>())
MEMSIZER_ID_ARITHMETIC(/, "divide", [](auto x, auto y) { return x / detail::divisor("divide", y); })
MEMSIZER_ID_ARITHMETIC(%, "remainder", [](auto x, auto y) { return x % detail::divisor("remainder", y); })
#undef MEMSIZER_ID_ARITHMETIC

inline Tensor<Id> operator-(const Tensor<Id>& x) {
  return 0 - x;
}
template <class Other>
Tensor<Id>& operator%=(Tensor<Id>& x, const Other& other) {
  return x = x % other;
}

/// The sum along an axis, and of all ids: sum(x == y) counts the elements that are equal.
inline Tensor<Id> sum(const Tensor<Id>& x, Index axis, bool keep = false) {
  return detail::reduced_ids("sum", x, axis, keep, 0, std::plus<>());
}
inline Tensor<Id> sum(const Tensor<Id>& x) {
  return sum(x.view(0, Shape{x.size()}), 0);
}

/// The largest id along an axis, and of all. InputError for an empty axis.
inline Tensor<Id> maximum(const Tensor<Id>& x, Index axis, bool keep = false) {
  return detail::first_id("maximum", x, axis, keep, std::greater<>());
}
inline Tensor<Id> maximum(const Tensor<Id>& x) {
  return maximum(x.view(0, Shape{x.size()}), 0);
}
/// The smallest.
inline Tensor<Id> minimum(const Tensor<Id>& x, Index axis, bool keep = false) {
  return detail::first_id("minimum", x, axis, keep, std::less<>());
}
inline Tensor<Id> minimum(const Tensor<Id>& x) {
  return minimum(x.view(0, Shape{x.size()}), 0);
}

}  // namespace memsizer
