#pragma once
// Runs a kernel of the table on the CPU and on the emulated device, there under several schedules and block
// sizes, and compares what they write.

#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"
#include "memsizer/cpu/context.hpp"

#include "kernels/emulated/asan.hpp"
#include "kernels/emulated/device.hpp"

namespace comparison {

using memsizer::Context;
using memsizer::Index;
using memsizer::KernelTable;
using memsizer::Output;
using memsizer::emulated::Buffer;
using memsizer::emulated::Schedule;

using Types = boost::mpl::list<float, double>;

inline constexpr Schedule schedules[] = {{.seed = 0},
                                         {.seed = 1, .threads_per_block = 32},
                                         {.seed = 2, .threads_per_block = 64, .accesses_per_switch = 3},
                                         {.seed = 3, .threads_per_block = 160, .accesses_per_switch = 30}};

/// All schedules, or one under AddressSanitizer, which makes each switch of threads much slower and finds the
/// same in any order.
inline std::span<const Schedule> schedules_to_run() {
  return memsizer::emulated::asan::enabled ? std::span(schedules).last(1) : std::span(schedules);
}

template <class T>
std::vector<T> uniform(Index n, std::string_view name, double low = -2, double high = 2) {
  memsizer::RandomStream random(memsizer::name_key(name));
  std::vector<T> values(static_cast<std::size_t>(n));
  for (T& value : values) value = static_cast<T>(low + (high - low) * random.uniform());
  return values;
}

/// An input for both devices, since the emulated device uses the host's memory. The buffer ends with the last
/// value, so that reads beyond it are found.
template <class T>
Buffer<T> input(Index n, const std::string& name, double low = -2, double high = 2) {
  return Buffer<T>(uniform<T>(n, name, low, high), name);
}

template <class T>
constexpr double tolerance = sizeof(T) == 4 ? 4e-6 : 4e-14;

/// Checks that the largest difference is at most tolerance * the largest expected magnitude (at least 1). NaN
/// must meet NaN.
template <class T>
void check_close(const std::vector<T>& actual, const std::vector<T>& expected, double factor) {
  double scale = 1, worst = 0;
  for (const T value : expected)
    if (std::isfinite(value)) scale = std::max(scale, std::abs(static_cast<double>(value)));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(actual[i])) continue;
    if (expected[i] == actual[i]) continue;  // covers infinities
    const double error = std::abs(static_cast<double>(actual[i]) - static_cast<double>(expected[i]));
    if (!(error <= worst)) worst = error;
  }
  BOOST_TEST(worst <= tolerance<T> * factor * scale, "off by " << worst << " of " << scale);
}

/// Compares the arrays `outputs` that run(context, table, outputs) fills on both devices. They have the given
/// sizes, and hold the same numbers before each run.
template <class T, class Run>
void compare(const std::vector<Index>& sizes, double factor, const Run& run) {
  const auto outputs_of = [&](Context& context, const KernelTable<T>& table) {
    std::vector<std::unique_ptr<Buffer<T>>> buffers;
    std::vector<T*> outputs;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::string name = "output " + std::to_string(i);
      buffers.push_back(std::make_unique<Buffer<T>>(uniform<T>(sizes[i], name), name));
      outputs.push_back(buffers.back()->data());
    }
    run(context, table, outputs);
    std::vector<std::vector<T>> values;
    for (const auto& buffer : buffers) values.push_back(buffer->values());
    return values;
  };
  const auto expected = outputs_of(memsizer::cpu::context(), memsizer::cpu::table<T>());
  for (const Schedule& schedule : schedules_to_run()) {
    memsizer::emulated::EmulatedContext context;
    context.schedule = schedule;
    const auto actual = outputs_of(context, memsizer::emulated::table<T>());
    BOOST_TEST_CONTEXT("seed " << schedule.seed << ", " << schedule.threads_per_block << " threads a block")
    for (std::size_t i = 0; i < sizes.size(); ++i)
      BOOST_TEST_CONTEXT("output " << i) check_close(actual[i], expected[i], factor);
  }
}

}  // namespace comparison
