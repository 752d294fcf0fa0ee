#pragma once
// A number of any type as an element of a tensor: the one conversion for numbers that a caller gives.

#include <type_traits>
#include <utility>

#include "memsizer/device/arguments.hpp"

namespace memsizer {

/// A number of any type among others in braces.
struct Literal {
  template <class Number>
  requires std::is_arithmetic_v<Number> Literal(Number number) : value(static_cast<double>(number)) {}
  double value;
};

/// A number of another type than an element's.
template <class Number, class T>
concept OtherNumber = std::is_arithmetic_v<Number> && !std::is_same_v<Number, T>;

namespace detail {

/// A number as an Id, cut towards 0. InputError for a number that no Id holds, such as NaN or 2^31.
template <class Number>
Id as_id(const char* name, Number number) {
  bool fits;
  if constexpr (std::is_integral_v<Number>)
    fits = std::in_range<Id>(number);
  else
    fits = number > -2147483649.0 && number < 2147483648.0;
  require(fits, name, ": ", number, " is no id, which has 32 bits");
  return static_cast<Id>(number);
}

/// A number as an element: rounded to the nearest where T is narrower. Nothing of it is cut off where T is
/// Id: InputError for 0.5, as for 2^31. A bool, which std::in_range does not take, is 0 or 1.
template <class T, class Number>
T as_element(const char* name, Number number) {
  if constexpr (std::is_same_v<Number, Literal>) {
    return as_element<T>(name, number.value);
  } else if constexpr (std::is_same_v<T, Id> && !std::is_same_v<Number, bool>) {
    const Id id = as_id(name, number);
    require(static_cast<Number>(id) == number, name, ": ", number, " is no id, which is a whole number");
    return id;
  } else {
    return static_cast<T>(number);
  }
}

}  // namespace detail

}  // namespace memsizer
