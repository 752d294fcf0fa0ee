#pragma once
// The checks of all operation cases on a device that runs CUDA kernels: against the CPU, against differences,
// and against itself.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/check/case_checks.hpp"

namespace device_cases {

using namespace memsizer;

/// The device, the sizes to try there, and what to do before each size, such as choosing another schedule.
struct Trial {
  Device& device;
  std::function<bool(const std::string& name, Index size)> takes_long = [](const auto&, Index) {
    return false;
  };
  std::function<void(std::size_t number)> before_size = [](std::size_t) {};

  /// Calls body(size) for each size that the case can have and that does not take too long.
  template <class T, class Body>
  void for_each_size(const check::OperationCase<T>& one, const Body& body) const {
    std::size_t number = 0;
    for (const Index size : check::case_sizes) {
      before_size(number++);
      if (size >= one.smallest && !takes_long(one.name, size)) body(size);
    }
  }
};

/// Values and gradients in T on the device against double on the CPU.
template <class T>
void check_against_double(const Trial& trial, double tolerance, double floor) {
  const auto cases = check::operation_cases<T>();
  const auto doubles = check::operation_cases<double>();
  for (std::size_t i = 0; i < cases.size(); ++i)
    trial.for_each_size(cases[i], [&](Index size) {
      const double error =
          check::case_difference(cases[i], trial.device, doubles[i], cpu::device(), size, floor);
      BOOST_TEST(error <= tolerance, cases[i].name << " at " << size << ": " << error);
    });
}

/// Gradients in double against differences.
inline void check_gradients(const Trial& trial) {
  for (const auto& one : check::operation_cases<double>())
    trial.for_each_size(one, [&](Index size) {
      if (size > 33) return;
      const check::GradientReport report = check::gradient_error(one, size, trial.device);
      BOOST_TEST(report.passed(), one.name << " at " << size << ": " << report);
    });
}

/// How many roundings to bfloat16 the results of a case may cost. An operation rounds each result once.
inline double most_roundings(const std::string& name) {
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

/// Values and gradients in bfloat16 against double on the CPU, from the same rounded inputs.
inline void check_bfloat16(const Trial& trial) {
  const auto cases = check::operation_cases<bfloat16>();
  const auto doubles = check::operation_cases<double>();
  for (std::size_t i = 0; i < cases.size(); ++i)
    trial.for_each_size(cases[i], [&](Index size) {
      if (size < 31) return;  // too few numbers for a mean error
      const auto results =
          check::value_and_gradients<bfloat16>(cases[i], size, trial.device, cases[i].operation);
      const auto exact = check::value_and_gradients<double>(
          doubles[i], size, cpu::device(), doubles[i].operation, check::InputRounding::to_bfloat16);
      const double roundings = check::bfloat16_roundings(results, exact);
      BOOST_TEST(roundings <= most_roundings(cases[i].name),
                 cases[i].name << " at " << size << ": " << roundings);
    });
}

/// Two runs give the same bits. `before_run` may change the order in which the device works.
template <class T>
void check_determinism(Device& device, Index size, const std::function<void(int run)>& before_run) {
  for (const check::OperationCase<T>& one : check::operation_cases<T>()) {
    const auto result = [&](int run) {
      before_run(run);
      return check::value_and_gradients<T>(one, size, device, one.operation);
    };
    BOOST_TEST((result(0) == result(1)), one.name << " in " << sizeof(T) << " bytes");
  }
}

}  // namespace device_cases
