// Faults that the emulated device finds in an ordinary build, without the race checker.
#include <cmath>
#include <regex>

#include <boost/test/unit_test.hpp>

#include "kernels/emulated/asan.hpp"
#include "kernels/emulated/fault.hpp"
#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(faults)

using namespace memsizer::emulated;

namespace {

__global__ void barrier_in_a_branch(int) {
  if (threadIdx.x < 16) __syncthreads();
}
__global__ void barrier_after_a_return(int) {
  if (threadIdx.x >= 48) return;
  __syncthreads();
}
__global__ void different_barriers(int) {
  if (threadIdx.x < 16)
    __syncthreads();
  else
    __syncthreads();
}
__global__ void more_rounds_for_some(int) {
  for (unsigned round = 0; round < 1 + threadIdx.x / 60; ++round) __syncthreads();
}
__global__ void shuffle_in_a_branch(int) {
  if (threadIdx.x < 16) __shfl_xor_sync(0xffffffffu, 1, 1);
  __syncthreads();
}
__global__ void different_shuffles(int) {
  if (threadIdx.x % 2 == 0)
    __shfl_xor_sync(0xffffffffu, 1, 2);
  else
    __shfl_xor_sync(0xffffffffu, 1, 4);
}
__global__ void different_lanes(int) {
  __syncwarp(threadIdx.x % 32 < 16 ? 0xffffffffu : 0xffff0000u);
  __syncthreads();
}
__global__ void caller_not_named(int) {
  __syncwarp(0x0000ffffu);
}
__global__ void read_from_outside(int) {
  __shfl_sync(1u << threadIdx.x % 32, 1, 0);
}
__global__ void read_beyond_the_block(int) {
  if (threadIdx.x >= 32 && threadIdx.x < 40) __shfl_xor_sync(0xffu, 1, 8);
}
__global__ void overrun_shared(int elements) {
  MEMSIZER_SHARED(float, tile, 8);
  if (threadIdx.x == 0)
    for (float *p = tile, *end = p + elements; p < end; ++p) *p = 1;
}
__global__ void overrun_global(float* out, int first, int last) {
  if (threadIdx.x == 0)
    for (int i = first; i <= last; ++i) out[i] = 1;
}
__global__ void read_fresh(float* out) {
  MEMSIZER_SHARED(float, fresh, 4);
  if (threadIdx.x == 0) out[0] = fresh[2];
}

/// Runs the kernel and returns the one fault that is reported.
template <class... Parameters, class... Arguments>
Fault only_fault(void (*kernel)(Parameters...), Arguments... arguments) {
  EmulatedContext context;
  context.schedule.seed = 3;
  try {
    launch(context, {.kernel = "tested", .blocks = 1, .threads = 64}, kernel, arguments...);
  } catch (const KernelFault& report) {
    BOOST_TEST_REQUIRE(report.faults().size() == 1u);
    BOOST_TEST(report.reports(report.faults()[0].kind));
    BOOST_TEST(report.what() == report.faults()[0].text());
    return report.faults()[0];
  }
  BOOST_FAIL("nothing was reported");
  return {};
}

boost::test_tools::assertion_result without_asan(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(!asan::enabled);
  result.message() << "AddressSanitizer ends the program at the access itself";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(barriers_that_not_all_reach) {
  const Fault branch = only_fault(barrier_in_a_branch, 0);
  BOOST_TEST((branch.kind == FaultKind::divergent_barrier));
  const std::regex text(
      "kernel tested, block \\(0,0,0\\), thread \\(0,0,0\\): barrier that not all threads of the block "
      "reach: "
      "16 threads from \\(0,0,0\\) on are at __syncthreads at faults.cpp:\\d+, "
      "48 threads from \\(16,0,0\\) on are at the kernel's end");
  BOOST_TEST(std::regex_match(branch.text(), text), branch.text());
  for (auto kernel : {barrier_after_a_return, different_barriers, more_rounds_for_some})
    BOOST_TEST((only_fault(kernel, 0).kind == FaultKind::divergent_barrier));
}

BOOST_AUTO_TEST_CASE(warp_operations_that_not_all_lanes_reach) {
  const Fault branch = only_fault(shuffle_in_a_branch, 0);
  BOOST_TEST((branch.kind == FaultKind::divergent_warp));
  BOOST_TEST(branch.details.find("16 threads from (0,0,0) on are at shuffle of lanes 0xffffffff") !=
             std::string::npos);
  for (auto kernel : {different_shuffles, different_lanes, caller_not_named})
    BOOST_TEST((only_fault(kernel, 0).kind == FaultKind::divergent_warp));
}

BOOST_AUTO_TEST_CASE(values_of_lanes_that_take_no_part) {
  for (auto kernel : {read_from_outside, read_beyond_the_block})
    BOOST_TEST((only_fault(kernel, 0).kind == FaultKind::inactive_lane));
}

BOOST_AUTO_TEST_CASE(writes_beside_arrays, *boost::unit_test::precondition(without_asan)) {
  const Fault shared = only_fault(overrun_shared, 9);
  BOOST_TEST((shared.kind == FaultKind::overwritten_guard));
  BOOST_TEST(shared.text() ==
             "kernel tested: write out of bounds, tile + 32 bytes: found when block (0,0,0) had ended");
  Buffer<float> out(10, "out");
  const Fault after = only_fault(overrun_global, out.data(), 10, 10);
  BOOST_TEST(after.text() ==
             "kernel tested: write out of bounds, out + 40 bytes: found when the kernel had ended");
  BOOST_TEST(only_fault(overrun_global, out.data(), -1, 9).offset == -4);
  // Each report repairs the guards, so a correct launch passes afterwards.
  EmulatedContext context;
  launch(context, {.kernel = "tested", .blocks = 1, .threads = 64}, overrun_global, out.data(), 0, 9);
}

BOOST_AUTO_TEST_CASE(fresh_shared_memory_is_not_a_number) {
  EmulatedContext context;
  Buffer<float> out(1, "out");
  launch(context, {.kernel = "tested", .blocks = 1, .threads = 64}, read_fresh, out.data());
  BOOST_TEST(std::isnan(out.values()[0]));
}

BOOST_AUTO_TEST_SUITE_END()
