#pragma once
// The orders of events under which the tests run kernels on the emulated device.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <string_view>

#include <boost/test/unit_test.hpp>
#include <dlfcn.h>

#include "kernels/emulated/asan.hpp"
#include "kernels/emulated/context.hpp"
#include "kernels/emulated/monitor.hpp"

namespace comparison {

using memsizer::emulated::Schedule;

/// The order of events of this number. Four ways to cut a grid into blocks take turns.
constexpr Schedule schedule(std::size_t number) {
  constexpr Schedule ways[] = {{},
                               {.threads_per_block = 32},
                               {.threads_per_block = 64, .accesses_per_switch = 3},
                               {.threads_per_block = 160, .accesses_per_switch = 30}};
  Schedule schedule = ways[number % std::size(ways)];
  schedule.seed = number;
  return schedule;
}

/// The first twenty.
inline constexpr auto schedules = [] {
  std::array<Schedule, 20> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = schedule(i);
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

/// The symbol of a function; "unknown" if the binary does not export it.
inline const char* symbol_of(const void* function) {
  Dl_info symbol{};
  dladdr(function, &symbol);
  return symbol.dli_sname != nullptr ? symbol.dli_sname : "unknown";
}

/// The kernels that this process has launched, and the schedules that each has met. At the end, one that has
/// met fewer than schedules_to_run() is an error. If MEMSIZER_SCHEDULES_MET names a file, each kernel's line
/// there has the number of its schedules and its function (race/each_kernel.py adds such files up).
class KernelsOfTheRun {
 public:
  using Kernels = std::map<const void*, std::string_view>;

  static void launched(const Kernels& kernels, const Schedule& schedule) {
    for (const auto& [function, name] : kernels) {
      Met& kernel = kernels_[function];
      kernel.name = name;
      kernel.seeds.insert(schedule.seed);
    }
  }

  static bool have_met_enough(const Kernels& kernels) {
    return std::ranges::all_of(kernels,
                               [](const auto& kernel) { return kernels_[kernel.first].has_met_enough(); });
  }

  ~KernelsOfTheRun() {
    for (const auto& [function, kernel] : kernels_)
      BOOST_TEST(kernel.has_met_enough(), "kernel " << kernel.name << " has met " << kernel.seeds.size()
                                                    << " of " << schedules_to_run().size() << " schedules");
    if (const char* file = std::getenv("MEMSIZER_SCHEDULES_MET")) write(file);
  }

 private:
  struct Met {
    std::string_view name;
    std::set<std::uint64_t> seeds;  // each schedule has its own

    bool has_met_enough() const { return seeds.size() >= schedules_to_run().size(); }
  };

  static void write(const char* file) {
    std::ofstream out(file);
    for (const auto& [function, kernel] : kernels_)
      out << kernel.seeds.size() << ' ' << symbol_of(function) << '\n';
    BOOST_TEST(out.flush().good(), "cannot write " << file);
  }

  static inline std::map<const void*, Met> kernels_;
};
BOOST_TEST_GLOBAL_FIXTURE(KernelsOfTheRun);

/// The lowest and the highest rung of the kernels' ladders (Context::highest_rung).
inline constexpr int both_ends[] = {1, memsizer::Context::newest_rung};

/// Calls body(context) with contexts of several schedules: until each kernel that `body` launches has met as
/// many as schedules_to_run() has, but at least with two, which are others each time. Some ways to cut a grid
/// do not launch a certain kernel, such as that for rows that fit into a large block. It meets further
/// schedules.
template <class Body>
void under_every_schedule(const Body& body, int highest_rung = memsizer::Context::newest_rung) {
  static std::size_t next = 0;
  const auto all = schedules_to_run();
  const std::size_t fewest = std::min<std::size_t>(2, all.size()), most = 4 * all.size();
  KernelsOfTheRun::Kernels kernels;
  for (std::size_t runs = 0; runs < fewest || (runs < most && !KernelsOfTheRun::have_met_enough(kernels));
       ++runs) {
    memsizer::emulated::EmulatedContext context;
    context.schedule = runs < all.size() ? all[next++ % all.size()] : schedule(runs);
    context.highest_rung = highest_rung;
    BOOST_TEST_CONTEXT("rung " << highest_rung << ", seed " << context.schedule.seed << ", "
                               << context.schedule.threads_per_block << " threads a block")
    body(context);
    KernelsOfTheRun::launched(context.kernels, context.schedule);
    kernels.merge(context.kernels);
  }
}

}  // namespace comparison
