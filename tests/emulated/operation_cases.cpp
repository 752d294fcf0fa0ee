// Every operation whose kernels the emulated device has, from the one list of operation cases: compared with
// the CPU, and the gradients with differences.
#include <iostream>
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/check/case_checks.hpp"

#include "kernels/emulated/device.hpp"

BOOST_AUTO_TEST_SUITE(operation_cases)

using namespace memsizer;

namespace {

const std::set<std::string>& expected_to_run() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all = {"softmax",
                                 "log_softmax",
                                 "layer_norm",
                                 "slot_weights",
                                 "slot_weights dropout",
                                 "key_value_memory",
                                 "key_value_memory sums",
                                 "key_value_memory read",
                                 "read_memory plain",
                                 "read_memory memsizer",
                                 "read_memory normaliser",
                                 "embedding",
                                 "embedding of any shape",
                                 "affine",
                                 "elu_plus_one",
                                 "relu",
                                 "gelu",
                                 "sin",
                                 "cos"};
    for (const check::ScanVariant& variant : check::scan_variants())
      all.insert(concatenate("causal_scan ", variant.name));
    return all;
  }();
  return names;
}

/// Calls body(case, its place in the list) for every case whose kernels the device has. Returns the names of
/// these cases, and checks that all expected ones are among them.
template <class T, class Body>
std::set<std::string> for_each_runnable_case(const Body& body) {
  std::set<std::string> names;
  const auto cases = check::operation_cases<T>();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    try {
      check::value_and_gradients<T>(cases[i], 3, emulated::device(), cases[i].operation);
    } catch (const MissingKernel&) {
      continue;
    }
    names.insert(cases[i].name);
    body(cases[i], i);
  }
  for (const std::string& name : expected_to_run()) BOOST_TEST(names.contains(name), name << " was not run");
  for (const check::OperationCase<T>& one : cases)
    if (one.name.starts_with("attention ")) BOOST_TEST(names.contains(one.name), one.name << " was not run");
  return names;
}

/// Whether a case takes too long. 1,023 queries make about a million pairs, and a lane computes each pair, so
/// at this size only the case runs that has few keys a query.
template <class T>
bool takes_long(const check::OperationCase<T>& one, Index size) {
  return size > 33 && one.name.starts_with("attention ") && one.name != "attention window 31";
}

/// Calls body(size) for each size that the case can have, each under one schedule.
template <class T, class Body>
void for_each_size(const check::OperationCase<T>& one, const Body& body) {
  std::uint64_t seed = 0;
  for (const Index size : check::case_sizes) {
    emulated::context().schedule = {.seed = seed, .threads_per_block = seed % 2 == 0 ? 0u : 96u};
    ++seed;
    if (size >= one.smallest && !takes_long(one, size)) body(size);
  }
  emulated::context().schedule = {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_and_gradients_equal_the_cpu) {
  const auto ran = for_each_runnable_case<double>([](const auto& one, std::size_t) {
    for_each_size(one, [&](Index size) {
      const double error = check::case_difference(one, emulated::device(), one, cpu::device(), size);
      BOOST_TEST(error <= 1e-10, one.name << " at " << size << ": " << error);
    });
  });
  for (const std::string& name : ran) std::cout << "on the emulated device: " << name << '\n';
}

BOOST_AUTO_TEST_CASE(float_equals_the_cpus_double) {
  const auto doubles = check::operation_cases<double>();
  for_each_runnable_case<float>([&](const auto& one, std::size_t i) {
    for_each_size(one, [&](Index size) {
      const double error =
          check::case_difference(one, emulated::device(), doubles[i], cpu::device(), size, 0.05);
      BOOST_TEST(error <= 2e-4, one.name << " at " << size << ": " << error);
    });
  });
}

BOOST_AUTO_TEST_CASE(gradients_equal_differences) {
  for_each_runnable_case<double>([](const auto& one, std::size_t) {
    for_each_size(one, [&](Index size) {
      if (size > 33) return;
      const check::GradientReport report = check::gradient_error(one, size, emulated::device());
      BOOST_TEST(report.passed(), one.name << " at " << size << ": " << report);
    });
  });
}

BOOST_AUTO_TEST_CASE(two_runs_are_equal_bit_for_bit_whatever_the_order) {
  for_each_runnable_case<float>([](const auto& one, std::size_t) {
    const auto run = [&](std::uint64_t seed) {
      emulated::context().schedule = {.seed = seed};
      return check::value_and_gradients<float>(one, 33, emulated::device(), one.operation);
    };
    BOOST_TEST((run(0) == run(7)), one.name);
  });
  emulated::context().schedule = {};
}

BOOST_AUTO_TEST_SUITE_END()
