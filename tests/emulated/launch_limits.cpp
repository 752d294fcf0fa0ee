// What a GPU refuses at a launch: too many threads for the kernel, too much shared memory for a block.
#include <fstream>
#include <regex>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "kernels/emulated/fault.hpp"
#include "kernels/portable.cuh"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(launch_limits)

using namespace memsizer::emulated;

namespace {

__global__ void do_nothing() {}

/// Static arrays of 32 KB and of `doubles` numbers beside the launch's dynamic memory.
template <int doubles>
__global__ void use_shared_memory() {
  MEMSIZER_SHARED(double, first, 4096);
  MEMSIZER_SHARED(double, second, doubles);
  first[0] = second[0] = 0;
}

/// The text of the fault for which the launch is refused; empty if it is not.
std::string refusal(FaultKind kind, const LaunchShape& shape, void (*kernel)(), const Gpu& gpu = ampere) {
  EmulatedContext context;
  context.gpu = gpu;
  try {
    launch(context, shape, kernel);
  } catch (const KernelFault& report) {
    BOOST_TEST(report.faults().size() == 1u);
    BOOST_TEST(report.reports(kind));
    return report.what();
  }
  return "";
}

LaunchShape with_dynamic(std::size_t bytes) {
  return {.kernel = "big", .blocks = 2, .threads = 64, .shared_bytes = bytes};
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(more_threads_than_the_launch_bound) {
  const auto with = [](const Extent& threads) {
    return refusal(FaultKind::too_many_threads,
                   {.kernel = "k", .blocks = 1, .threads = threads, .most_threads = 64}, do_nothing);
  };
  BOOST_TEST(
      with(65) ==
      "kernel k: more threads than the launch bound: 65 threads in a block, and the launch bound is 64");
  BOOST_TEST(with({8, 3, 3}) != "");
  BOOST_TEST(with({8, 8}) == "");
}

BOOST_AUTO_TEST_CASE(more_dynamic_memory_than_the_gpu_has) {
  constexpr auto kind = FaultKind::too_much_shared_memory;
  BOOST_TEST(
      refusal(kind, with_dynamic(163 * 1024 + 1), do_nothing) ==
      "kernel big: more shared memory than a block may have: 166913 bytes of dynamic memory asked for, "
      "and 166912 are the most on sm_80");
  BOOST_TEST(refusal(kind, with_dynamic(163 * 1024), do_nothing) == "");
  BOOST_TEST(refusal(kind, with_dynamic(227 * 1024), do_nothing, hopper) == "");
  BOOST_TEST(refusal(kind, with_dynamic(227 * 1024 + 1), do_nothing, hopper) != "");
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_memory_are_added_up) {
  constexpr auto kind = FaultKind::too_much_shared_memory;
  BOOST_TEST(refusal(kind, with_dynamic(0), use_shared_memory<2049>) ==
             "kernel big: more shared memory than a block may have: with second, static arrays have 49160 "
             "bytes, beside 0 of dynamic memory; at most 49152 are static, and 49152 together");
  BOOST_TEST(refusal(kind, with_dynamic(0), use_shared_memory<2048>) == "");
  // Up to 48 KB of dynamic memory, nobody asks the GPU for more than 48 KB of both.
  BOOST_TEST(refusal(kind, with_dynamic(8 * 1024), use_shared_memory<1024>) == "");
  BOOST_TEST(refusal(kind, with_dynamic(8 * 1024 + 1), use_shared_memory<1024>) != "");
  // With more, the block has what the GPU has.
  BOOST_TEST(refusal(kind, with_dynamic(115 * 1024), use_shared_memory<2048>) == "");
  BOOST_TEST(refusal(kind, with_dynamic(115 * 1024 + 1), use_shared_memory<2048>) != "");
  BOOST_TEST(refusal(kind, with_dynamic(179 * 1024), use_shared_memory<2048>, hopper) == "");
  BOOST_TEST(refusal(kind, with_dynamic(179 * 1024 + 1), use_shared_memory<2048>, hopper) != "");
  // But never more static arrays than 48 KB.
  BOOST_TEST(refusal(kind, with_dynamic(64 * 1024), use_shared_memory<2049>, hopper) != "");
}

BOOST_AUTO_TEST_CASE(a_kernels_launch_bound_is_stated_at_its_launch) {
  const std::regex bound("__launch_bounds__\\((?:\\w+::)*(\\w+)\\)");
  const std::regex include("#include \"(kernels/\\w+\\.cuh)\"");
  int bounds = 0;
  for (const auto& file : std::filesystem::directory_iterator(memsizer::test::source_folder() / "kernels")) {
    if (file.path().extension() != ".cuh") continue;
    const std::string text = text_of(file.path());
    std::string launching = text;  // and the launchers of the files that it includes
    for (std::sregex_iterator found(text.begin(), text.end(), include), end; found != end; ++found)
      launching += text_of(memsizer::test::source_folder() / (*found)[1].str());
    for (std::sregex_iterator found(text.begin(), text.end(), bound), end; found != end; ++found, ++bounds) {
      const std::regex stated(".most_threads = (?:\\w+::)*" + (*found)[1].str());
      BOOST_TEST(std::regex_search(launching, stated), file.path()
                                                           << " has a launch bound that no launch states");
    }
  }
  BOOST_TEST(bounds > 0);
}

BOOST_AUTO_TEST_SUITE_END()
