#pragma once
// The checks of all operation cases on a device that runs CUDA kernels: against the CPU, against differences,
// and against itself.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/check/narrow_checks.hpp"

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

/// Values and gradients in double against the CPU's.
inline void check_double(const Trial& trial) {
  for (const auto& one : check::operation_cases<double>())
    trial.for_each_size(one, [&](Index size) {
      const double error = check::case_difference(one, trial.device, one, cpu::device(), size);
      BOOST_TEST(error <= 1e-10, one.name << " at " << size << ": " << error);
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

/// Values and gradients in float or bfloat16 against double on the CPU.
template <class T>
void check_narrow(const Trial& trial) {
  const auto cases = check::operation_cases<T>();
  const auto doubles = check::operation_cases<double>();
  for (std::size_t i = 0; i < cases.size(); ++i)
    trial.for_each_size(cases[i], [&](Index size) {
      if (size < check::least_narrow_size<T>) return;
      const check::NarrowError found = check::narrow_error(cases[i], doubles[i], size, trial.device);
      BOOST_TEST(found.passed(), cases[i].name << " at " << size << ": " << found.error);
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
