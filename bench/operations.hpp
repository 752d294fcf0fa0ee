#pragma once
// Registers a benchmark of one kernel: the call, its arguments, and the operations and bytes of one call.

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "memsizer/base/random.hpp"
#include "memsizer/cpu/context.hpp"

namespace bench {

using memsizer::Index;

/// Uniform random numbers in [-1, 1), aligned as tensors are. Copies share the memory.
template <class T>
class Array {
 public:
  explicit Array(Index n) : data_(allocate(n), release) {
    memsizer::RandomStream random(static_cast<std::uint64_t>(n));
    for (Index i = 0; i < n; ++i) data_.get()[i] = static_cast<T>(2 * random.uniform() - 1);
  }

  operator T*() const { return data_.get(); }

 private:
  static T* allocate(Index n) {
    const Index bytes = n * static_cast<Index>(sizeof(T));
    return static_cast<T*>(memsizer::cpu::memory().allocate(memsizer::cpu::context(), bytes));
  }
  static void release(T* data) { memsizer::cpu::memory().release(memsizer::cpu::context(), data); }

  std::shared_ptr<T> data_;
};

/// N arrays of n elements each.
template <class T, int N>
std::vector<Array<T>> arrays(Index n) {
  std::vector<Array<T>> made;
  for (int i = 0; i < N; ++i) made.emplace_back(n);
  return made;
}

/// The operations and bytes of one call. A value of 0 is not reported.
struct Cost {
  double operations = 0, bytes = 0;
};

inline void report(benchmark::State& state, const Cost& cost) {
  using benchmark::Counter;
  if (cost.operations > 0)
    state.counters["GFLOP/s"] = Counter(cost.operations * 1e-9, Counter::kIsIterationInvariantRate);
  if (cost.bytes > 0) state.counters["GB/s"] = Counter(cost.bytes * 1e-9, Counter::kIsIterationInvariantRate);
}

/// Registers a benchmark for one thread and for all threads. `make()` prepares the arguments and returns the
/// call.
inline void add(const std::string& name, const Cost& cost, std::function<std::function<void()>()> make) {
  std::vector<int> threads = {1};
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  if (all > 1) threads.push_back(all);
  for (int n : threads) {
    const auto run = [n, cost, make](benchmark::State& state) {
      memsizer::cpu::set_threads(n);
      const std::function<void()> call = make();
      call();  // touches scratch memory for the first time
      for (auto _ : state) call();
      report(state, cost);
    };
    benchmark::RegisterBenchmark((name + "/threads:" + std::to_string(n)).c_str(), run)
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace bench
