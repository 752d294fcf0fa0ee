#pragma once
// The orders of events under which the tests run kernels on the emulated device.

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>

#include <boost/test/unit_test.hpp>

#include "kernels/emulated/asan.hpp"
#include "kernels/emulated/context.hpp"
#include "kernels/emulated/monitor.hpp"

namespace comparison {

using memsizer::emulated::Schedule;

/// Twenty orders of events, among them each of four ways to cut a grid into blocks.
inline constexpr auto schedules = [] {
  constexpr Schedule ways[] = {{},
                               {.threads_per_block = 32},
                               {.threads_per_block = 64, .accesses_per_switch = 3},
                               {.threads_per_block = 160, .accesses_per_switch = 30}};
  std::array<Schedule, 20> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = ways[i % std::size(ways)];
    all[i].seed = i;
  }
  return all;
}();

/// Whether the accesses to memory are checked. Each of them then decides anew which thread goes on, so that
/// the order of events matters.
inline bool is_checking_build() {
  return memsizer::emulated::monitor != nullptr;
}

/// All schedules in a checking build, else the four ways to cut. One under AddressSanitizer, which makes each
/// switch of threads much slower and finds the same in any order.
inline std::span<const Schedule> schedules_to_run() {
  const std::span<const Schedule> all(schedules);
  if (memsizer::emulated::asan::enabled) return all.subspan(3, 1);
  return is_checking_build() ? all : all.first(4);
}

/// The kernels that this process has launched, and whether each has met all schedules with some of its sizes.
/// At the end, one that has not is an error.
class KernelsOfTheRun {
 public:
  using Kernels = std::map<const void*, std::string_view>;

  static void launched(const Kernels& kernels, bool under_all_schedules) {
    for (const auto& [function, name] : kernels) {
      Met& kernel = kernels_[function];
      kernel.name = name;
      kernel.all_schedules |= under_all_schedules;
    }
  }

  static bool have_met_all_schedules(const Kernels& kernels) {
    return std::ranges::all_of(kernels,
                               [](const auto& kernel) { return kernels_[kernel.first].all_schedules; });
  }

  ~KernelsOfTheRun() {
    for (const auto& [function, kernel] : kernels_)
      BOOST_TEST(kernel.all_schedules, "kernel " << kernel.name << " has not met all schedules");
  }

 private:
  struct Met {
    std::string_view name;
    bool all_schedules = false;
  };
  static inline std::map<const void*, Met> kernels_;
};
BOOST_TEST_GLOBAL_FIXTURE(KernelsOfTheRun);

/// The lowest and the highest rung of the kernels' ladders (Context::highest_rung).
inline constexpr int both_ends[] = {1, memsizer::Context::newest_rung};

/// Calls body(context) with contexts of several schedules: with all of them if `body` launches a kernel that
/// has not met all of them, else with two, which are others each time.
template <class Body>
void under_every_schedule(const Body& body, int highest_rung = memsizer::Context::newest_rung) {
  static std::size_t next = 0;
  const auto all = schedules_to_run();
  KernelsOfTheRun::Kernels kernels;
  std::size_t met = 0;
  while (met < all.size() && !(met >= 2 && KernelsOfTheRun::have_met_all_schedules(kernels))) {
    memsizer::emulated::EmulatedContext context;
    context.schedule = all[next++ % all.size()];
    context.highest_rung = highest_rung;
    BOOST_TEST_CONTEXT("rung " << highest_rung << ", seed " << context.schedule.seed << ", "
                               << context.schedule.threads_per_block << " threads a block")
    body(context);
    kernels.merge(context.kernels);
    ++met;
  }
  KernelsOfTheRun::launched(kernels, met == all.size());
}

}  // namespace comparison
