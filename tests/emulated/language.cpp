// CUDA's words mean the same on the emulated device as on a GPU.
#include <numeric>

#include <boost/test/unit_test.hpp>

#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(language)

using namespace memsizer::emulated;
using memsizer::Index;

namespace {

/// Checks what `kernel` writes into its array, under several schedules.
template <class T, class Kernel>
void check_written(const std::vector<T>& expected, Extent blocks, Extent threads, Kernel kernel,
                   std::size_t shared_bytes = 0) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    EmulatedContext context;
    context.schedule.seed = seed;
    Buffer<T> out(std::vector<T>(expected.size()), "out");
    launch(context, {.kernel = "test", .blocks = blocks, .threads = threads, .shared_bytes = shared_bytes},
           kernel, out.data());
    BOOST_TEST(out.values() == expected, boost::test_tools::per_element());
  }
}

template <class F>
std::vector<int> lanes(F f) {
  std::vector<int> values(32);
  for (int lane = 0; lane < 32; ++lane) values[lane] = f(lane);
  return values;
}

__global__ void write_positions(int* out) {
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
  out[block * threads + thread] = static_cast<int>(block * threads + thread);
}

__global__ void shuffle_up(int* out) {
  out[threadIdx.x] = __shfl_up_sync(0xffffffffu, static_cast<int>(threadIdx.x), 3, 8);
}
__global__ void shuffle_down(int* out) {
  out[threadIdx.x] = __shfl_down_sync(0xffffffffu, static_cast<int>(threadIdx.x), 3, 16);
}
__global__ void shuffle_xor(int* out) {
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, static_cast<int>(threadIdx.x), 5);
}
__global__ void shuffle_xor_in_groups(int* out) {
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, static_cast<int>(threadIdx.x), 12, 8);
}
__global__ void shuffle_from(int* out) {
  out[threadIdx.x] = __shfl_sync(0xffffffffu, static_cast<int>(threadIdx.x), 11, 8);
}
__global__ void shuffle_doubles(double* out) {
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 0.1 * threadIdx.x, 1);
}
__global__ void vote(unsigned* out) {
  const int lane = static_cast<int>(threadIdx.x % 32);
  const unsigned ballot = __ballot_sync(0xffffffffu, lane % 3 == 0);
  const unsigned any = __any_sync(0xffffffffu, lane == 7), none = __any_sync(0xffffffffu, lane == 99);
  const unsigned all = __all_sync(0xffffffffu, lane < 32), not_all = __all_sync(0xffffffffu, lane < 31);
  if (lane == 0) {
    const unsigned values[] = {ballot, any, none, all, not_all, static_cast<unsigned>(__popc(ballot))};
    for (int i = 0; i < 6; ++i) out[threadIdx.x / 32 * 6 + i] = values[i];
  }
}
/// The two halves of a warp run different operations at the same time. A second warp has few lanes.
__global__ void shuffle_in_parts(int* out) {
  const int t = static_cast<int>(threadIdx.x);
  if (t < 16)
    out[t] = __shfl_xor_sync(0x0000ffffu, t, 1);
  else if (t < 32)
    out[t] = __shfl_xor_sync(0xffff0000u, t, 2);
  else
    out[t] = __shfl_xor_sync(0xffffffffu, t, 1);
}
/// Nobody waits for a lane that has ended.
__global__ void shuffle_among_the_rest(int* out) {
  const int t = static_cast<int>(threadIdx.x);
  out[t] = 0;
  if (t >= 24) return;
  out[t] = __shfl_xor_sync(0xffffffffu, t, 4);
}

__global__ void count_atomically(int* out) {
  atomicAdd(&out[0], 2);
  atomicMax(&out[1], static_cast<int>(threadIdx.x));
  atomicMin(&out[2], -static_cast<int>(blockIdx.x));
  if (atomicCAS(&out[3], 0, 5) == 0) atomicAdd(&out[4], 1);
  if (atomicExch(&out[5], 1) == 0) atomicAdd(&out[6], 1);
}

template <class T>
__global__ void rotate(T* out) {
  MEMSIZER_SHARED(T, values, 96);
  MEMSIZER_SHARED(T, copies, 96);
  values[threadIdx.x] = static_cast<T>(threadIdx.x);
  __syncthreads();
  copies[threadIdx.x] = values[(threadIdx.x + 1) % blockDim.x];
  __syncthreads();
  out[blockIdx.x * blockDim.x + threadIdx.x] = copies[(threadIdx.x + 1) % blockDim.x];
}

__global__ void rotate_dynamic(int* out) {
  MEMSIZER_DYNAMIC_SHARED(int, values);
  values[threadIdx.x] = static_cast<int>(threadIdx.x);
  __syncthreads();
  out[threadIdx.x] = values[(threadIdx.x + 1) % blockDim.x];
}

/// A declaration stands for one shared array, even if several callers use it several times.
__device__ int* tally() {
  MEMSIZER_SHARED(int, counts, 2);
  return counts;
}
__global__ void use_function_twice(int* out) {
  if (threadIdx.x < 2) tally()[threadIdx.x] = 0;
  __syncthreads();
  atomicAdd(&tally()[threadIdx.x % 2], 1);
  __syncthreads();
  if (threadIdx.x < 2) out[threadIdx.x] = tally()[threadIdx.x];
}

}  // namespace

BOOST_AUTO_TEST_CASE(positions_in_three_dimensions) {
  std::vector<int> expected(2 * 3 * 2 * 4 * 3 * 2);
  std::iota(expected.begin(), expected.end(), 0);
  check_written(expected, {2, 3, 2}, {4, 3, 2}, write_positions);
}

BOOST_AUTO_TEST_CASE(shuffles) {
  check_written(lanes([](int l) { return l % 8 < 3 ? l : l - 3; }), 1, 32, shuffle_up);
  check_written(lanes([](int l) { return l % 16 < 13 ? l + 3 : l; }), 1, 32, shuffle_down);
  check_written(lanes([](int l) { return l ^ 5; }), 1, 32, shuffle_xor);
  // Lanes may read from an earlier group of lanes but not from a later one.
  check_written(lanes([](int l) { return (l ^ 12) / 8 <= l / 8 ? l ^ 12 : l; }), 1, 32,
                shuffle_xor_in_groups);
  check_written(lanes([](int l) { return l / 8 * 8 + 3; }), 1, 32, shuffle_from);
  std::vector<double> swapped(32);
  for (std::size_t l = 0; l < 32; ++l) swapped[l] = 0.1 * static_cast<unsigned>(l ^ 1);
  check_written(swapped, 1, 32, shuffle_doubles);
}

BOOST_AUTO_TEST_CASE(votes) {
  const std::vector<unsigned> warp{0x49249249u, 1, 0, 1, 0, 11};
  std::vector<unsigned> expected;
  for (int i = 0; i < 3; ++i) expected.insert(expected.end(), warp.begin(), warp.end());
  check_written(expected, 1, 96, vote);
}

BOOST_AUTO_TEST_CASE(shuffles_of_some_lanes) {
  std::vector<int> expected(34);
  for (int t = 0; t < 34; ++t) expected[t] = t >= 16 && t < 32 ? t ^ 2 : t ^ 1;
  check_written(expected, 1, 34, shuffle_in_parts);
  check_written(lanes([](int l) { return l < 24 ? l ^ 4 : 0; }), 1, 32, shuffle_among_the_rest);
}

BOOST_AUTO_TEST_CASE(atomics) {
  check_written(std::vector<int>{2 * 3 * 70, 69, -2, 5, 1, 1, 1}, 3, 70, count_atomically);
}

BOOST_AUTO_TEST_CASE(shared_memory) {
  const auto rotated = [](auto zero, int blocks, int threads) {
    std::vector<decltype(zero)> expected;
    for (int i = 0; i < blocks * threads; ++i)
      expected.push_back(static_cast<decltype(zero)>((i % threads + 2) % threads));
    return expected;
  };
  check_written(rotated(0.0f, 3, 96), 3, 96, rotate<float>);
  check_written(rotated(0.0, 2, 33), 2, 33, rotate<double>);
  check_written(std::vector<int>{1, 2, 3, 4, 0}, 1, 5, rotate_dynamic, 5 * sizeof(int));
  check_written(std::vector<int>{17, 16}, 1, 33, use_function_twice);
}

BOOST_AUTO_TEST_SUITE_END()
