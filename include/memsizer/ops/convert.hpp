#pragma once
// Numbers of one type as numbers of another.

#include "memsizer/autograd/record.hpp"

namespace memsizer {

namespace detail {

template <class To, class From>
Tensor<To> converted_on_host(const Tensor<From>& x) {
  std::vector<To> values;
  values.reserve(static_cast<std::size_t>(x.size()));
  for (const From value : x.to_vector()) {
    if constexpr (std::is_same_v<To, Id>)
      values.push_back(as_id("cast", static_cast<double>(value)));
    else if constexpr (std::is_same_v<From, Id>)
      values.push_back(static_cast<To>(static_cast<Accumulate<To>>(value)));
    else
      values.push_back(static_cast<To>(static_cast<Accumulate<To>>(static_cast<Accumulate<From>>(value))));
  }
  return Tensor<To>(x.shape(), values, x.device());
}

}  // namespace detail

/// x with elements of type To, on the host: rounded to the nearest where To is narrower, cut towards 0 where
/// To is Id. The gradient comes back in x's type; none passes an Id. The same type: x itself. InputError for
/// a number that no Id holds, such as NaN.
template <class To, class From>
Tensor<To> cast(const Tensor<From>& x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else {
    Tensor<To> y = detail::converted_on_host<To>(x);
    if constexpr (is_element<To> && is_element<From>)
      record(
          "cast", y,
          [dx = GradientTarget(x)](const Tensor<To>& dy) {
            pass_on("cast", dx(), detail::converted_on_host<From>(dy));
          },
          x);
    return y;
  }
}

template <class T>
template <class Number>
Tensor<Number> Tensor<T>::to() const {
  return cast<Number>(*this);
}

}  // namespace memsizer
