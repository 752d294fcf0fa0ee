#pragma once
// The checks of an operation in float and bfloat16: against double on the CPU, from the same inputs.

#include <string_view>

#include "memsizer/check/case_checks.hpp"

namespace memsizer::check {

/// How far bfloat16 results are from exact ones: the largest ratio, over the arrays, of the norm of the
/// difference to what rounding the exact results to bfloat16 costs in the mean. A rounding is off by up to
/// half a unit in the last place, and by 1 / sqrt(3) of this in the root mean square. So an operation that
/// rounds its results once has about 1, and never more than sqrt(3). NaN, or different numbers of values,
/// give NaN.
inline double bfloat16_roundings(const Results& results, const Results& exact) {
  double worst = 0;
  if (results.size() != exact.size()) return std::nan("");
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (results[i].size() != exact[i].size()) return std::nan("");
    double difference = 0, rounding = 1e-60;
    for (std::size_t j = 0; j < exact[i].size(); ++j) {
      int exponent = 0;
      std::frexp(exact[i][j], &exponent);  // the magnitude is at least 2^(exponent - 1)
      const double error = results[i][j] - exact[i][j], unit = std::ldexp(1.0, exponent - 9);
      difference += error * error;
      rounding += unit * unit / 3;
    }
    const double ratio = std::sqrt(difference / rounding);
    if (!(ratio <= worst)) worst = ratio;
    if (std::isnan(worst)) return worst;
  }
  return worst;
}

/// How many roundings to bfloat16 the results of a case may cost. An operation rounds each result once.
inline double most_roundings(std::string_view name) {
  struct Case {
    const char* beginning;
    double most;
  };
  static constexpr Case more[] = {
      {"attention alibi", 16},        // sums of dS times distance, where most of dS cancels
      {"attention ", 4},              // backward reads outputs that are rounded already
      {"causal_scan normaliser", 4},  // likewise
      {"key_value_memory read", 4},   // likewise
      {"pow ", 4},                    // exp(p log x), each rounded
      {"binary_cross_entropy", 300},  // composed, with differences such as 1 - p
  };
  for (const Case& one : more)
    if (name.starts_with(one.beginning)) return one.most;
  return 2;
}

/// An error, and the largest that passes.
struct NarrowError {
  double error, most;

  bool passed() const { return error <= most; }
};

/// The error of an operation in T on a device, against double on the CPU: in float relative to the largest
/// value of each array, in bfloat16 as a number of roundings. MissingKernel if the device has no kernel for
/// T.
template <class T>
NarrowError narrow_error(const OperationCase<T>& narrow, const OperationCase<double>& exact, Index size,
                         Device& device) {
  constexpr bool rounds = std::is_same_v<T, bfloat16>;
  const Results results = value_and_gradients<T>(narrow, size, device, narrow.operation);
  const Results expected = value_and_gradients<double>(
      exact, size, cpu::device(), exact.operation, rounds ? InputRounding::to_bfloat16 : InputRounding::none);
  if constexpr (rounds) return {bfloat16_roundings(results, expected), most_roundings(narrow.name)};
  return {difference(results, expected, 0.05), 2e-4};
}

/// The smallest size at which an operation is checked in T. A mean error of roundings needs some numbers.
template <class T>
inline constexpr Index least_narrow_size = std::is_same_v<T, bfloat16> ? 31 : 0;

}  // namespace memsizer::check
