#pragma once
// Arithmetic and reductions of ids, on the host. They are exact: a result that no Id holds is an InputError.

#include <cstdint>

#include "memsizer/base/linkage.hpp"
#include "memsizer/ops/compare.hpp"

namespace memsizer {

// The operators with their names and what they make of two ids. Shapes broadcast, and so does a whole number.
// Division cuts towards 0 and, like the remainder, refuses 0.
#define MEMSIZER_ID_OPERATORS(OF_EACH)                     \
  OF_EACH(+, "add", (x + y))                               \
  OF_EACH(-, "subtract", (x - y))                          \
  OF_EACH(*, "multiply", (x * y))                          \
  OF_EACH(/, "divide", (x / detail::divisor("divide", y))) \
  OF_EACH(%, "remainder", (x % detail::divisor("remainder", y)))

#define MEMSIZER_ID_OPERATOR(OPERATOR, NAME, RESULT)                      \
  Tensor<Id> operator OPERATOR(const Tensor<Id>& a, const Tensor<Id>& b); \
  template <std::integral Number>                                         \
  Tensor<Id> operator OPERATOR(const Tensor<Id>& a, Number b) {           \
    return a OPERATOR detail::scalar_like(NAME, a, b);                    \
  }                                                                       \
  template <std::integral Number>                                         \
  Tensor<Id> operator OPERATOR(Number a, const Tensor<Id>& b) {           \
    return detail::scalar_like(NAME, b, a) OPERATOR b;                    \
  }
MEMSIZER_ID_OPERATORS(MEMSIZER_ID_OPERATOR)
#undef MEMSIZER_ID_OPERATOR

Tensor<Id> operator-(const Tensor<Id>& x);
template <class Other>
Tensor<Id>& operator%=(Tensor<Id>& x, const Other& other) {
  return x = x % other;
}

/// The sum along an axis, and of all ids: sum(x == y) counts the elements that are equal.
Tensor<Id> sum(const Tensor<Id>& x, Index axis, bool keep = false);
Tensor<Id> sum(const Tensor<Id>& x);

/// The largest id along an axis, and of all. InputError for an empty axis.
Tensor<Id> maximum(const Tensor<Id>& x, Index axis, bool keep = false);
Tensor<Id> maximum(const Tensor<Id>& x);
/// The smallest.
Tensor<Id> minimum(const Tensor<Id>& x, Index axis, bool keep = false);
Tensor<Id> minimum(const Tensor<Id>& x);

#if MEMSIZER_CORE_HAS_BODIES

namespace detail {

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

#define MEMSIZER_ID_OPERATOR(OPERATOR, NAME, RESULT)                                                 \
  MEMSIZER_CORE_FUNCTION Tensor<Id> operator OPERATOR(const Tensor<Id>& a, const Tensor<Id>& b) {    \
    return detail::id_arithmetic(NAME, a, b, [](std::int64_t x, std::int64_t y) { return RESULT; }); \
  }
MEMSIZER_ID_OPERATORS(MEMSIZER_ID_OPERATOR)
#undef MEMSIZER_ID_OPERATOR

MEMSIZER_CORE_FUNCTION Tensor<Id> operator-(const Tensor<Id>& x) {
  return 0 - x;
}

MEMSIZER_CORE_FUNCTION Tensor<Id> sum(const Tensor<Id>& x, Index axis, bool keep) {
  return detail::of_each_line(x, axis, keep, [](const auto& at, Index length) {
    std::int64_t result = 0;
    for (Index i = 0; i < length; ++i) result += at(i);
    return detail::as_id("sum", result);
  });
}
MEMSIZER_CORE_FUNCTION Tensor<Id> sum(const Tensor<Id>& x) {
  return sum(x.view(0, Shape{x.size()}), 0);
}
MEMSIZER_CORE_FUNCTION Tensor<Id> maximum(const Tensor<Id>& x, Index axis, bool keep) {
  return detail::first_id("maximum", x, axis, keep, std::ranges::greater());
}
MEMSIZER_CORE_FUNCTION Tensor<Id> maximum(const Tensor<Id>& x) {
  return maximum(x.view(0, Shape{x.size()}), 0);
}
MEMSIZER_CORE_FUNCTION Tensor<Id> minimum(const Tensor<Id>& x, Index axis, bool keep) {
  return detail::first_id("minimum", x, axis, keep, std::ranges::less());
}
MEMSIZER_CORE_FUNCTION Tensor<Id> minimum(const Tensor<Id>& x) {
  return minimum(x.view(0, Shape{x.size()}), 0);
}

#endif
#undef MEMSIZER_ID_OPERATORS

}  // namespace memsizer
