// Named barriers: whom they bring together, and what is refused.
#include <numeric>

#include <boost/test/unit_test.hpp>

#include "kernels/emulated/fault.hpp"
#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(named_barriers)

using namespace memsizer::emulated;

namespace {

constexpr int full = 1, empty = 2;

/// out = in with each 32 numbers reversed. Warp 0 writes a buffer for warp 1, round after round.
__global__ void hand_over(int* out, const int* in, int rounds) {
  MEMSIZER_SHARED(int, buffer, 32);
  const int lane = static_cast<int>(threadIdx.x % 32);
  for (int round = 0; round < rounds; ++round) {
    if (threadIdx.x < 32) {
      if (round > 0) named_barrier_sync(empty, 64);
      buffer[lane] = in[round * 32 + lane];
      named_barrier_arrive(full, 64);
    } else {
      named_barrier_sync(full, 64);
      out[round * 32 + lane] = buffer[31 - lane];
      if (round + 1 < rounds) named_barrier_arrive(empty, 64);
    }
  }
}

/// out[t] = how many threads of the pair of warps had counted before. The last warp has 16 threads only.
__global__ void count_in_pairs(int* out) {
  MEMSIZER_SHARED(int, counts, 2);
  const int t = static_cast<int>(threadIdx.x), pair = t / 64;
  if (t % 64 == 0) counts[pair] = 0;
  named_barrier_sync(14 + pair, 64);
  atomicAdd(&counts[pair], 1);
  named_barrier_sync(14 + pair, 64);
  out[t] = counts[pair];
}

__global__ void come_to(int id, int threads) {
  named_barrier_sync(id, threads);
}
__global__ void come_to_two(int) {
  named_barrier_sync(threadIdx.x < 32 ? 1 : 2, 64);
}
__global__ void come_with_two_counts(int) {
  named_barrier_sync(1, threadIdx.x < 32 ? 32 : 64);
}
__global__ void come_again(int) {
  if (threadIdx.x >= 32) return;
  named_barrier_arrive(1, 64);
  named_barrier_arrive(1, 64);
}
__global__ void come_alone(int) {
  if (threadIdx.x < 32) named_barrier_arrive(1, 64);
}
__global__ void wait_alone(int) {
  if (threadIdx.x < 32) named_barrier_sync(1, 64);
}
__global__ void come_without_some(int) {
  if (threadIdx.x % 32 >= 8) named_barrier_sync(1, 64);
}
__global__ void come_to_both_names(int) {
  if (threadIdx.x < 32)
    named_barrier_sync(0, 64);
  else
    __syncthreads();
}

/// The details of the one fault that the kernel is reported for.
template <class... Parameters, class... Arguments>
std::string fault_of(void (*kernel)(Parameters...), Arguments... arguments) {
  EmulatedContext context;
  try {
    launch(context, {.kernel = "tested", .blocks = 1, .threads = 64}, kernel, arguments...);
  } catch (const KernelFault& report) {
    BOOST_TEST_REQUIRE(report.faults().size() == 1u);
    BOOST_TEST(report.reports(FaultKind::named_barrier));
    return report.faults()[0].details;
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_warp_hands_over_to_another) {
  std::vector<int> values(32 * 7), expected(values.size());
  std::iota(values.begin(), values.end(), 100);
  for (std::size_t i = 0; i < values.size(); ++i) expected[i] = values[i / 32 * 32 + 31 - i % 32];
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EmulatedContext context;
    context.schedule.seed = seed;
    Buffer<int> in(values, "in"), out(std::vector<int>(values.size()), "out");
    launch(context, {.kernel = "hand_over", .blocks = 1, .threads = 64}, hand_over, out.data(), in.data(), 7);
    BOOST_TEST(out.values() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(pairs_of_warps_meet_apart) {
  std::vector<int> expected(112, 64);
  std::fill(expected.begin() + 64, expected.end(), 48);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EmulatedContext context;
    context.schedule.seed = seed;
    Buffer<int> out(std::vector<int>(expected.size()), "out");
    launch(context, {.kernel = "count", .blocks = 1, .threads = 112}, count_in_pairs, out.data());
    BOOST_TEST(out.values() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(barriers_and_numbers_that_there_are_not) {
  BOOST_TEST(fault_of(come_to, 15, 64) == "");
  BOOST_TEST(fault_of(come_to, 16, 64) == "barrier 16 of 64 threads: a block has barriers 0 to 15");
  BOOST_TEST(fault_of(come_to, -1, 64) == "barrier -1 of 64 threads: a block has barriers 0 to 15");
  BOOST_TEST(fault_of(come_to, 1, 48) ==
             "barrier 1 of 48 threads: warps come as a whole, so the number is a multiple of 32");
  for (const int threads : {0, -32}) BOOST_TEST(fault_of(come_to, 1, threads) != "");
  BOOST_TEST(fault_of(come_to, 1, 96) == "barrier 1 of 96 threads: the block has 2 warps");
}

BOOST_AUTO_TEST_CASE(warps_that_do_not_meet) {
  BOOST_TEST(fault_of(come_to_two, 0).find("32 threads from (0,0,0) on are at barrier 1 of 64 threads at ") !=
             std::string::npos);
  BOOST_TEST(fault_of(wait_alone, 0).find("32 threads from (32,0,0) on are at the kernel's end") !=
             std::string::npos);
  BOOST_TEST(fault_of(come_alone, 0) == "1 of 2 warps had come to barrier 1 when the block had ended");
  BOOST_TEST(fault_of(come_again, 0) ==
             "barrier 1 of 64 threads: warp 0 comes again before all others have come");
  BOOST_TEST(fault_of(come_without_some, 0) == "barrier 1 of 64 threads: lanes 0xff of the warp have ended");
  BOOST_TEST(fault_of(come_to_both_names, 0) != "");
  // With a number of its own, a warp meets itself, and the other one waits for ever.
  BOOST_TEST(fault_of(come_with_two_counts, 0).find("32 threads from (32,0,0) on are at barrier 1 of 64") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(two_numbers_for_one_barrier) {
  NamedBarriers barriers;
  barriers.begin_block(4);
  BOOST_TEST(!barriers.arrive(2, {1, 96, false}));
  BOOST_TEST(barriers.objection(0, {1, 64, true}) ==
             "barrier 1 of 64 threads: others have come to it as one of 96");
  BOOST_TEST(barriers.objection(0, {2, 64, true}) == "");
  BOOST_TEST(!barriers.arrive(0, {1, 96, true}));
  const auto met = barriers.arrive(3, {1, 96, true});
  BOOST_TEST_REQUIRE(met.has_value());
  BOOST_TEST(met->all == 0b1101u);
  BOOST_TEST(met->waiting == 0b1001u);
  BOOST_TEST(barriers.objection(0, {1, 64, true}) == "");  // the next meeting may have another number
}

BOOST_AUTO_TEST_SUITE_END()
