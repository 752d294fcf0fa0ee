// Every operation on the emulated device, from the one list of operation cases.
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <cxxabi.h>

#include "device_cases.hpp"
#include "emulated/comparison.hpp"
#include "kernels/emulated/device.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(operation_cases)

using namespace memsizer;

namespace {

/// 1,023 queries make about a million pairs, and a lane computes each pair, so at this size only the case of
/// attention runs that has few keys a query.
bool takes_long(const std::string& name, Index size) {
  return size > 33 && name.starts_with("attention ") && name != "attention window 31";
}

device_cases::Trial emulated_trial() {
  return {.device = emulated::device(), .takes_long = takes_long, .before_size = [](std::size_t number) {
            emulated::context().schedule = {.seed = number, .threads_per_block = number % 2 == 0 ? 0u : 96u};
          }};
}

/// Puts the default schedule back at the end of a test.
struct DefaultSchedule {
  ~DefaultSchedule() { emulated::context().schedule = {}; }
};

/// `softmax_kernel<float, ..>` of a kernel's function, as kernels/resources.json writes it.
std::string kernel_name(const void* function) {
  const char* const symbol = comparison::symbol_of(function);
  int status = 0;
  char* const signature = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
  static const std::regex unnamed("^void |memsizer::(emulated::)?");
  std::string name = std::regex_replace(status == 0 ? signature : symbol, unnamed, "");
  std::free(signature);
  int depth = 0;  // of template arguments, which may hold parentheses
  const auto end = std::ranges::find_if(name, [&](char letter) {
    depth += (letter == '<') - (letter == '>');
    return letter == '(' && depth == 0;
  });
  name.erase(end, name.end());
  return name;
}

/// The kernels that the operation cases launch, with the lowest rung at which they do. Each result on the way
/// is compared with the cpu's. Size 33 is what `memsizer gradcheck` tries; only the large tiles need more.
std::map<std::string, int> lowest_rungs() {
  const DefaultSchedule at_the_end;
  emulated::EmulatedContext& context = emulated::context();
  std::map<std::string, int> lowest;
  for (int rung = 1; rung <= Context::newest_rung; ++rung) {
    context.kernels.clear();
    context.highest_rung = rung;
    const device_cases::Trial trial{
        .device = emulated::device(), .takes_long = [&](const auto& name, Index size) {
          return size != 33 && !(size == 1023 && rung == 2 && name == "matmul square");
        }};
    BOOST_TEST_CONTEXT("rung " << rung) {
      device_cases::check_double(trial);
      device_cases::check_narrow<float>(trial);
      device_cases::check_narrow<bfloat16>(trial);
    }
    for (const auto& [function, name] : context.kernels) lowest.emplace(kernel_name(function), rung);
  }
  return lowest;
}

/// The kernels that nvcc compiles.
std::set<std::string> all_kernels() {
  std::ifstream table(test::source_folder() / "kernels/resources.json");
  static const std::regex kernel("^ *\"(\\w+_kernel.*)\": \\{");
  std::set<std::string> names;
  std::smatch match;
  for (std::string line; std::getline(table, line);)
    if (std::regex_search(line, match, kernel)) names.insert(match[1]);
  return names;
}

/// The rung on which a kernel stands in docs/kernels.md; 0 if no operation case can reach it.
int rung_of(const std::string& kernel) {
  struct Rung {
    int rung;
    const char* kernels;
  };
  static constexpr Rung rungs[] = {
      {0, "(adam_step|clip|norm|squares|update)_kernel.*"},  // optimisers have cases of their own
      {0, "finish_product_kernel.*"},                        // completes what a library multiplied
      {0, "gather_rows_kernel.*"},                           // moves bytes of any type
      {0, "copy_repeated_kernel.*"},  // no operation copies several elements to one place
      {0, "map_kernel<., (\\w+), \\1, NoInput, Same<.*"},  // no operation converts a type to itself
      {2, "(map|repeat)_kernel<[248],.*"},
      {2, "(copy|binary)_groups_kernel.*"},
      {2, "reduce_rows_kernel<true,.*"},
      {2, ".*KeptRow.*"},
      {2, "matmul_pieces_kernel.*"},
      {2, "matmul_kernel<float, float, 8>"},
      {2, "attention_(\\w+_)?tiles_kernel.*"},
      {3, "tensor_core_matmul_kernel.*"},
  };
  for (const Rung& one : rungs)
    if (std::regex_match(kernel, std::regex(one.kernels))) return one.rung;
  return 1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_and_gradients_equal_the_cpu) {
  const DefaultSchedule at_the_end;
  device_cases::check_double(emulated_trial());
}

BOOST_AUTO_TEST_CASE(float_equals_the_cpus_double) {
  const DefaultSchedule at_the_end;
  device_cases::check_narrow<float>(emulated_trial());
}

BOOST_AUTO_TEST_CASE(gradients_equal_differences) {
  const DefaultSchedule at_the_end;
  device_cases::check_gradients(emulated_trial());
}

BOOST_AUTO_TEST_CASE(bfloat16_rounds_what_double_gives) {
  const DefaultSchedule at_the_end;
  device_cases::check_narrow<bfloat16>(emulated_trial());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_runs_are_equal_bit_for_bit_whatever_the_order, T, comparison::AllTypes) {
  const DefaultSchedule at_the_end;
  device_cases::check_determinism<T>(emulated::device(), 33, [](int run) {
    emulated::context().schedule = {.seed = run == 0 ? 0 : 7 + sizeof(T)};
  });
}

// A case that stays on a lower rung than it seems to check is no check of that rung on a GPU.
BOOST_AUTO_TEST_CASE(every_kernel_of_every_rung_is_launched) {
  const std::map<std::string, int> lowest = lowest_rungs();
  const std::set<std::string> all = all_kernels();
  BOOST_TEST(all.size() > 300u);
  for (const std::string& kernel : all) {
    const auto launched = lowest.find(kernel);
    const int rung = launched == lowest.end() ? 0 : launched->second;
    BOOST_TEST(rung == rung_of(kernel), kernel << " is first launched on rung " << rung << ", expected "
                                               << rung_of(kernel) << " (0: on none)");
  }
}

BOOST_AUTO_TEST_SUITE_END()
