// The words of tensor cores and asynchronous copies: what one warp computes with them.
#include <algorithm>
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"

#include "kernels/emulated/device.hpp"
#include "kernels/matmul_parts.cuh"
#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(tensor_core)

using namespace memsizer::emulated;
using memsizer::bfloat16;
using memsizer::Index;

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

/// Changes the source of a copy that is on its way: it is 1 when the copy begins, then 2, 3, .. up to `last`.
__global__ void change_the_source(std::uint64_t* y, std::uint64_t* x, std::uint64_t last) {
  MEMSIZER_SHARED(EightNumbers, shared, 1);
  auto* const staged = reinterpret_cast<std::uint64_t*>(shared);
  if (threadIdx.x == 0) copy_16_bytes_async(staged, x, true);
  close_copy_group();
  for (std::uint64_t value = 2; value <= last; ++value) {
    if (threadIdx.x == 0) x[0] = x[1] = value;
    __syncthreads();
  }
  wait_for_copies<0>();
  for (int i = 0; threadIdx.x == 0 && i < 2; ++i) y[i] = staged[i];
}

std::vector<bfloat16> numbers(Index count, std::uint64_t seed) {
  memsizer::RandomStream random(seed);
  std::vector<bfloat16> drawn(static_cast<std::size_t>(count));
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
  constexpr std::uint64_t last = 4;
  const auto copied_under = [&](std::uint64_t seed) {
    Buffer<std::uint64_t> x(std::vector<std::uint64_t>{1, 1}, "x"), y(2, "y");
    EmulatedContext context;
    context.schedule.seed = seed;
    launch(context, {.kernel = "copy", .blocks = 1, .threads = 32}, change_the_source, y.data(), x.data(),
           last);
    BOOST_TEST(y.values()[0] == y.values()[1]);
    return y.values()[0];
  };
  BOOST_TEST(copied_under(0) == last);
  std::set<std::uint64_t> copied;
  for (std::uint64_t seed = 1; seed < 60; ++seed) {
    copied.insert(copied_under(seed));
    BOOST_TEST(copied_under(seed) == copied_under(seed));
  }
  BOOST_TEST(copied.contains(1));     // at the copy's beginning
  BOOST_TEST(copied.contains(last));  // at the wait
  BOOST_TEST(copied.size() == last);  // and at every moment between
}

// Pairs or single numbers, and the last column where it has no neighbour: the bits are the same.
BOOST_AUTO_TEST_CASE(pairs_of_a_product) {
  constexpr Index rows = 33, inner = 24;
  for (const Index columns : {18, 19})
    for (const bool accumulate : {false, true}) {
      Buffer<bfloat16> a(numbers(rows * inner, 1), "a"), b(numbers(inner * columns, 2), "b");
      Buffer<bfloat16> bias(numbers(columns, 3), "bias");
      const std::vector<bfloat16> before = numbers(rows * columns, 4);
      // C begins at number `first` of an array of zeros, with a line for each row. Behind its last column
      // each line has a zero more.
      const auto product = [&](Index first, Index leading) {
        std::vector<bfloat16> lines(static_cast<std::size_t>(first + rows * leading));
        for (Index row = 0; row < rows; ++row)
          std::copy_n(&before[row * columns], columns, &lines[first + row * leading]);
        Buffer<bfloat16> c(lines, "c");
        memsizer::MatmulShape shape = memsizer::contiguous_product(rows, columns, inner);
        shape.c_leading = leading;
        const memsizer::Output<bfloat16> target{c.data() + first, accumulate};
        const memsizer::Epilogue<bfloat16> epilogue{.bias = accumulate ? nullptr : bias.data()};
        const bool in_pairs = MatmulResult<bfloat16, bfloat16>(target, epilogue, shape).takes_pairs();
        BOOST_TEST(in_pairs == (first % 2 == 0 && leading % 2 == 0));
        EmulatedContext context;
        table<bfloat16>().matmul.matmul(context, target, a.data(), b.data(), shape, epilogue);
        const std::vector<bfloat16> stored = c.values();
        std::vector<std::uint16_t> bits;
        for (Index row = 0; row < rows; ++row)
          for (Index column = 0; column <= columns; ++column)
            bits.push_back(stored[first + row * leading + column].bits());
        return bits;
      };
      const std::vector<std::uint16_t> single = product(0, 21);
      BOOST_TEST(product(0, 20) == single, boost::test_tools::per_element());
      BOOST_TEST(product(2, 20) == single, boost::test_tools::per_element());
      BOOST_TEST(product(1, 20) == single, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
