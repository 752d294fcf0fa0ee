// The order in which threads and blocks run, and what ends a launch.
#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(schedule)

using namespace memsizer::emulated;
using memsizer::InputError;

namespace {

std::vector<unsigned>& order() {
  static std::vector<unsigned> order;
  return order;
}

__global__ void note_order() {
  order().push_back(blockIdx.x * 100 + threadIdx.x);
  __syncthreads();
  order().push_back(blockIdx.x * 100 + threadIdx.x + 50);
}

std::vector<unsigned> order_under(std::uint64_t seed) {
  EmulatedContext context;
  context.schedule.seed = seed;
  order().clear();
  launch(context, {.kernel = "note_order", .blocks = 3, .threads = 40}, note_order);
  return order();
}

__global__ void throw_in_one_thread(int thread) {
  __syncthreads();
  if (static_cast<int>(threadIdx.x) == thread) throw std::runtime_error("thrown by a kernel");
  __syncthreads();
}

__global__ void launch_again(EmulatedContext* context) {
  launch(*context, {.kernel = "inner", .blocks = 1, .threads = 1}, note_order);
}

__global__ void use_static_memory() {
  MEMSIZER_SHARED(double, one, 1);
  one[0] = 0;
}

__global__ void do_nothing() {}

__global__ void write_index(unsigned* out) {
  __syncthreads();
  out[blockIdx.x * blockDim.x + threadIdx.x] = threadIdx.x;
}

void launch_nothing(const LaunchShape& shape) {
  EmulatedContext context;
  launch(context, shape, do_nothing);
}

auto says(const char* part) {
  return [=](const memsizer::Error& error) {
    BOOST_TEST_INFO(error.what());
    return std::string_view(error.what()).find(part) != std::string_view::npos;
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE(seed_0_is_the_order_of_the_numbers) {
  const std::vector<unsigned> seen = order_under(0);
  BOOST_TEST_REQUIRE(seen.size() == 240u);
  for (unsigned block = 0; block < 3; ++block)
    for (unsigned i = 0; i < 80; ++i)
      BOOST_TEST(seen[block * 80 + i] == block * 100 + (i < 40 ? i : i - 40 + 50));
}

BOOST_AUTO_TEST_CASE(other_seeds_are_other_orders_and_repeat) {
  std::set<std::vector<unsigned>> orders;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const std::vector<unsigned> seen = order_under(seed);
    BOOST_TEST(seen == order_under(seed));
    orders.insert(seen);
    // In any order, no thread passes the barrier before all threads have reached it.
    for (auto block = seen.begin(); block != seen.end(); block += 80) {
      BOOST_TEST(std::all_of(block, block + 40, [](unsigned note) { return note % 100 < 40; }));
      BOOST_TEST(std::all_of(block + 40, block + 80, [](unsigned note) { return note % 100 >= 50; }));
    }
  }
  BOOST_TEST(orders.size() == 10u);
}

BOOST_AUTO_TEST_CASE(blocks_change_places_too) {
  std::set<unsigned> first_blocks;
  for (std::uint64_t seed = 0; seed < 20; ++seed) first_blocks.insert(order_under(seed)[0] / 100);
  BOOST_TEST(first_blocks.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_schedule_prescribes_a_block_size) {
  EmulatedContext context;
  BOOST_TEST(threads_per_block(context, 256) == 256u);
  context.schedule.threads_per_block = 64;
  BOOST_TEST(threads_per_block(context, 256) == 64u);
}

BOOST_AUTO_TEST_CASE(an_exception_ends_the_launch_and_the_device_goes_on) {
  EmulatedContext context;
  for (int thread = 0; thread < 40; ++thread) {
    BOOST_CHECK_EXCEPTION(
        launch(context, {.kernel = "thrower", .blocks = 2, .threads = 40}, throw_in_one_thread, thread),
        std::runtime_error, [](const std::runtime_error& error) {
          return std::string_view(error.what()) == "thrown by a kernel";
        });
    launch(context, {.kernel = "thrower", .blocks = 2, .threads = 40}, throw_in_one_thread, -1);
  }
}

BOOST_AUTO_TEST_CASE(shapes_that_no_gpu_takes) {
  BOOST_CHECK_EXCEPTION(launch_nothing({.kernel = "k", .blocks = 0, .threads = 32}), InputError,
                        says("kernel k: no GPU takes a grid of 0 x 1 x 1 blocks"));
  BOOST_CHECK_EXCEPTION(launch_nothing({.kernel = "k", .blocks = {1, 65536}, .threads = 32}), InputError,
                        says("a grid of 1 x 65536 x 1 blocks"));
  BOOST_CHECK_EXCEPTION(launch_nothing({.kernel = "k", .blocks = 1, .threads = 0}), InputError,
                        says("kernel k: no GPU takes a block of 0 x 1 x 1 threads"));
  BOOST_CHECK_EXCEPTION(launch_nothing({.kernel = "k", .blocks = 1, .threads = {33, 32}}), InputError,
                        says("a block of 33 x 32 x 1 threads"));
  BOOST_CHECK_EXCEPTION(launch_nothing({.kernel = "k", .blocks = 1, .threads = {1, 1, 65}}), InputError,
                        says("a block of 1 x 1 x 65 threads"));
  BOOST_CHECK_NO_THROW(launch_nothing({.kernel = "k", .blocks = {1, 1, 2}, .threads = {16, 8, 8}}));
}

BOOST_AUTO_TEST_CASE(a_kernel_launches_no_kernel) {
  EmulatedContext context;
  BOOST_CHECK_EXCEPTION(
      launch(context, {.kernel = "outer", .blocks = 1, .threads = 1}, launch_again, &context), InputError,
      says("kernel inner: launched by a kernel"));
}

BOOST_AUTO_TEST_CASE(outside_a_kernel_there_are_no_barriers) {
  BOOST_CHECK_EXCEPTION(__syncthreads(), InputError, says("__syncthreads called outside a kernel"));
  BOOST_CHECK_THROW(__syncwarp(), InputError);
  BOOST_CHECK_THROW(__shfl_xor_sync(1u, 1, 1), InputError);
  BOOST_CHECK_THROW(use_static_memory(), InputError);
  BOOST_CHECK_THROW(named_barrier_sync(1, 32), InputError);
}

BOOST_AUTO_TEST_CASE(host_threads_take_turns) {
  const auto work = [](bool* right) {
    EmulatedContext context;
    Buffer<unsigned> out(4 * 64, "out");
    *right = true;
    for (int i = 0; i < 50; ++i) {
      launch(context, {.kernel = "write_index", .blocks = 4, .threads = 64}, write_index, out.data());
      const std::vector<unsigned> values = out.values();
      for (unsigned k = 0; k < values.size(); ++k) *right = *right && values[k] == k % 64;
    }
  };
  bool right[3] = {};
  {
    std::vector<std::jthread> threads;
    for (bool& each : right) threads.emplace_back(work, &each);
  }
  for (bool each : right) BOOST_TEST(each);
}

BOOST_AUTO_TEST_SUITE_END()
