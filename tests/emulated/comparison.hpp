#pragma once
// Runs a kernel of the table on the CPU and on the emulated device, there under several schedules and block
// sizes, and compares what they write.

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"
#include "memsizer/cpu/context.hpp"

#include "emulated/schedules.hpp"
#include "kernels/emulated/device.hpp"

namespace comparison {

using memsizer::Context;
using memsizer::Index;
using memsizer::KernelTable;
using memsizer::Output;
using memsizer::emulated::Buffer;

using Types = boost::mpl::list<float, double>;
using AllTypes = boost::mpl::list<float, double, memsizer::bfloat16>;

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
/// sizes, and hold the same numbers before each run. On the emulated device it runs each of these rungs.
template <class T, class Run>
void compare(const std::vector<Index>& sizes, double factor, const Run& run,
             std::span<const int> rungs = std::span(both_ends).last(1)) {
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
  const auto check = [&](Context& context) {
    const auto actual = outputs_of(context, memsizer::emulated::table<T>());
    for (std::size_t i = 0; i < sizes.size(); ++i)
      BOOST_TEST_CONTEXT("output " << i) check_close(actual[i], expected[i], factor);
  };
  for (const int rung : rungs) under_every_schedule(check, rung);
}

}  // namespace comparison
