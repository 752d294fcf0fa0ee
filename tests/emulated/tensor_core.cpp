// The words of tensor cores and asynchronous copies: what one warp computes with them.
#include <algorithm>
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"

#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(tensor_core)

using namespace memsizer::emulated;
using memsizer::bfloat16;

namespace {

/// Eight neighbours, which a load takes at once: their place in shared memory is a multiple of 16.
struct alignas(16) EightNumbers {
  bfloat16 number[8];
};

/// d [16, 8] = a b. The tiles in shared memory are a [16, 16] and b^T [8, 16], or, if `transposed`, a^T and
/// b: then the loads transpose them.
template <bool transposed>
__global__ void multiply(float* d, const bfloat16* a, const bfloat16* b) {
  MEMSIZER_SHARED(EightNumbers, a_shared, 32);
  MEMSIZER_SHARED(EightNumbers, b_shared, 32);
  bfloat16 *const a_tile = a_shared->number, *const b_tile = b_shared->number;
  const int lane = static_cast<int>(threadIdx.x);
  for (int i = lane; i < 256; i += 32) a_tile[i] = a[transposed ? i % 16 * 16 + i / 16 : i];
  for (int i = lane; i < 256; i += 32) b_tile[i] = bfloat16(0.0f);
  __syncthreads();
  for (int i = lane; i < 128; i += 32) b_tile[transposed ? i / 8 * 16 + i % 8 : i % 8 * 16 + i / 8] = b[i];
  __syncthreads();
  // Part i of an operand is rows 8 (i mod 2) .. and inner places 8 (i / 2) .. of a, and the other way round
  // of b.
  const int part = lane / 8, line = lane % 8;
  unsigned a_registers[4], b_registers[4];
  if constexpr (transposed) {
    load_matrices_transposed(a_registers, a_tile + (part / 2 * 8 + line) * 16 + part % 2 * 8);
    load_matrices_transposed(b_registers, b_tile + (part % 2 * 8 + line) * 16 + part / 2 * 8);
  } else {
    load_matrices(a_registers, a_tile + (part % 2 * 8 + line) * 16 + part / 2 * 8);
    load_matrices(b_registers, b_tile + (part / 2 * 8 + line) * 16 + part % 2 * 8);
  }
  float sums[4] = {};
  multiply_16x8x16(sums, a_registers, {b_registers[0], b_registers[1]});
  for (int e = 0; e < 4; ++e) d[(lane / 4 + e / 2 * 8) * 8 + lane % 4 * 2 + e % 2] = sums[e];
}

__global__ void copy_words(std::uint64_t* y, const std::uint64_t* x, int inside) {
  MEMSIZER_SHARED(EightNumbers, shared, 32);
  auto* const staged = reinterpret_cast<std::uint64_t*>(shared);
  const int lane = static_cast<int>(threadIdx.x);
  copy_16_bytes_async(staged + 2 * lane, x + 2 * lane, lane < inside);
  close_copy_group();
  wait_for_copies<0>();
  __syncthreads();
  for (int i = 0; i < 2; ++i) y[2 * lane + i] = staged[63 - (2 * lane + i)];  // another thread's copy
}

/// Changes the source of a copy that is on its way.
__global__ void change_the_source(std::uint64_t* y, std::uint64_t* x) {
  MEMSIZER_SHARED(EightNumbers, shared, 1);
  auto* const staged = reinterpret_cast<std::uint64_t*>(shared);
  if (threadIdx.x > 0) return;
  copy_16_bytes_async(staged, x, true);
  close_copy_group();
  x[0] = 2;
  wait_for_copies<0>();
  y[0] = staged[0];
}

std::vector<bfloat16> numbers(std::size_t count, std::uint64_t seed) {
  memsizer::RandomStream random(seed);
  std::vector<bfloat16> drawn(count);
  for (bfloat16& number : drawn) number = bfloat16(random.normal());
  return drawn;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_warp_multiplies_fragments) {
  const std::vector<bfloat16> left = numbers(256, 1), right = numbers(128, 2);
  Buffer<bfloat16> a(left, "a"), b(right, "b");
  for (const bool transposed : {false, true})
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      EmulatedContext context;
      context.schedule.seed = seed;
      Buffer<float> d(128, "d");
      launch(context, {.kernel = "multiply", .blocks = 1, .threads = 32},
             transposed ? multiply<true> : multiply<false>, d.data(), a.data(), b.data());
      const std::vector<float> got = d.values();
      for (std::size_t row = 0; row < 16; ++row)
        for (std::size_t column = 0; column < 8; ++column) {
          double sum = 0;
          for (std::size_t k = 0; k < 16; ++k)
            sum += static_cast<double>(left[row * 16 + k]) * static_cast<double>(right[k * 8 + column]);
          BOOST_TEST(std::abs(got[row * 8 + column] - sum) < 1e-5);
        }
    }
}

BOOST_AUTO_TEST_CASE(copies_arrive_and_fill_with_zeros) {
  std::vector<std::uint64_t> words(64);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = 1000 + i;
  Buffer<std::uint64_t> x(words, "x"), y(64, "y");
  EmulatedContext context;
  launch(context, {.kernel = "copy", .blocks = 1, .threads = 32}, copy_words, y.data(), x.data(), 20);
  std::vector<std::uint64_t> expected = words;
  std::fill(expected.begin() + 40, expected.end(), 0);  // the lanes from 20 on copy zeros
  std::ranges::reverse(expected);
  BOOST_TEST(y.values() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_copy_reads_its_source_when_the_schedule_says_so) {
  std::set<std::uint64_t> copied;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Buffer<std::uint64_t> x(std::vector<std::uint64_t>{1, 1}, "x"), y(1, "y");
    EmulatedContext context;
    context.schedule.seed = seed;
    launch(context, {.kernel = "copy", .blocks = 1, .threads = 32}, change_the_source, y.data(), x.data());
    copied.insert(y.values()[0]);
    if (seed == 0) BOOST_TEST(y.values()[0] == 2u);
  }
  BOOST_TEST((copied == std::set<std::uint64_t>{1, 2}));
}

BOOST_AUTO_TEST_SUITE_END()
