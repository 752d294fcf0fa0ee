#pragma once
// Arithmetic and reductions of ids, on the host. They are exact: a result that no Id holds is an InputError.

#include "memsizer/ops/compare.hpp"

namespace memsizer {

namespace detail {

template <std::integral Number>
Id as_id(const char* name, Number number) {
  require(std::in_range<Id>(number), name, ": ", number, " is no id, which has 32 bits");
  return static_cast<Id>(number);
}

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
  const AxisShape sizes = axis_shape(x.shape(), axis);
  const std::vector<Id> values = x.to_vector();
  std::vector<Id> results;
  for (Index outer = 0; outer < sizes.outer; ++outer)
    for (Index inner = 0; inner < sizes.inner; ++inner) {
      std::int64_t result = first;
      for (Index i = 0; i < sizes.length; ++i)
        result = f(
            result,
            std::int64_t{values[static_cast<std::size_t>((outer * sizes.length + i) * sizes.inner + inner)]});
      results.push_back(as_id(name, result));
    }
  return Tensor<Id>(reduced_shape(x.shape(), axis, keep), results, x.device());
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
  require(x.extent(axis) > 0, "maximum: axis ", axis, " of shape ", x.shape(), " is empty");
  return detail::reduced_ids("maximum", x, axis, keep, std::numeric_limits<Id>::min(),
                             [](auto a, auto b) { return std::max(a, b); });
}
inline Tensor<Id> maximum(const Tensor<Id>& x) {
  return maximum(x.view(0, Shape{x.size()}), 0);
}
/// The smallest.
inline Tensor<Id> minimum(const Tensor<Id>& x, Index axis, bool keep = false) {
  require(x.extent(axis) > 0, "minimum: axis ", axis, " of shape ", x.shape(), " is empty");
  return detail::reduced_ids("minimum", x, axis, keep, std::numeric_limits<Id>::max(),
                             [](auto a, auto b) { return std::min(a, b); });
}
inline Tensor<Id> minimum(const Tensor<Id>& x) {
  return minimum(x.view(0, Shape{x.size()}), 0);
}

}  // namespace memsizer
