#pragma once
// Reads numbers from text. The whole text must be a number; one that is too large is reported, never clamped.

#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

namespace detail {

template <class Number>
std::errc read_all(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return end == text.data() + text.size() ? error : std::errc::invalid_argument;
}

/// Whether a text that is not spelled like a whole number stands for one that is too large, such as "1e30".
inline bool is_beyond_whole_numbers(std::string_view text) {
  constexpr double beyond = 9223372036854775808.0;  // 2^63
  double number = 0;
  const std::errc error = read_all(text, number);
  return error == std::errc::result_out_of_range || (error == std::errc() && std::abs(number) >= beyond);
}

}  // namespace detail

/// Reads the number that the whole text spells: decimal digits for a whole number, a finite number otherwise.
/// Returns std::errc() on success, result_out_of_range if `Number` cannot hold it, else invalid_argument.
/// After an error `number` has no meaning.
template <class Number>
std::errc read_number(std::string_view text, Number& number) {
  const std::errc error = detail::read_all(text, number);
  if constexpr (std::is_integral_v<Number>) {
    const bool is_large = error == std::errc::invalid_argument && detail::is_beyond_whole_numbers(text);
    return is_large ? std::errc::result_out_of_range : error;
  } else {
    return error == std::errc() && !std::isfinite(number) ? std::errc::invalid_argument : error;
  }
}

}  // namespace memsizer
