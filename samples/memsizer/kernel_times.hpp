#pragma once
// Timing the kernels of a device, for the commands that measure.

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/base/clock.hpp"
#include "memsizer/base/median.hpp"
#include "memsizer/base/random.hpp"
#include "memsizer/tensor/tensor.hpp"

namespace memsizer::program {

/// The time of one call of a kernel, and what the call had to do: move bytes, or compute with numbers that
/// it reads again and again (operations).
struct KernelTime {
  std::string kernel;
  std::vector<std::pair<const char*, Index>> sizes;
  double seconds = 0, bytes = 0, operations = 0;
};

class KernelTimer {
 public:
  explicit KernelTimer(Device& device) : mark_(Tensor<Id>::zeros(Shape{1}, device)) {}

  Device& device() const { return mark_.device(); }

  /// The seconds of one call: the median of five groups of calls, each of about 10 milliseconds, but of 1,000
  /// calls at most and one at least.
  double seconds_of(const std::function<void()>& call) const {
    const auto group = [&](Index calls) {
      const double begin = steady_seconds();
      for (Index i = 0; i < calls; ++i) call();
      mark_.item();  // a copy to the host waits for all that came before it
      return (steady_seconds() - begin) / static_cast<double>(calls);
    };
    group(1);  // memory, algorithms and caches
    const auto calls = static_cast<Index>(std::clamp(0.01 / group(1), 1.0, 1000.0));
    std::vector<double> seconds;
    for (int i = 0; i < 5; ++i) seconds.push_back(group(calls));
    return median(seconds);
  }

 private:
  Tensor<Id> mark_;
};

/// At least n normal random numbers. There are 65,536 different ones, which the device repeats.
template <class T>
Tensor<T> random_array(Index n, const char* name, Device& device) {
  constexpr Index most = 65536;
  RandomStream random(name_key(name));
  std::vector<T> values(static_cast<std::size_t>(std::min(n, most)));
  for (T& value : values) value = static_cast<T>(random.normal());
  const Tensor<T> few(Shape{static_cast<Index>(values.size())}, std::span<const T>(values), device);
  if (n <= most) return few;
  const Index times = divide_up(n, most);
  const Tensor<T> all(Shape{times * most}, device);
  launch(device, "copy_strided", all.kernels().memory.copy_strided, Output<T>{all.data()}, few.data(),
         Walk{.rank = 2, .extents = {times, most}, .y_strides = {most, 1}, .a_strides = {0, 1}});
  return all;
}

}  // namespace memsizer::program
