// Loads and stores of 16 bytes, and pairs of bfloat16: what they move, the addresses that they refuse, and
// how pairs are rounded.
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <regex>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/bfloat16.hpp"

#include "kernels/emulated/fault.hpp"
#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(vectors)

using namespace memsizer::emulated;
using memsizer::bfloat16;
using memsizer::Vector;

namespace {

/// y = x with the elements of each vector in reverse order, through shared memory.
template <class T>
__global__ void reverse_elements(T* y, const T* x) {
  MEMSIZER_SHARED(Vector<T>, shared, 32);
  constexpr int size = Vector<T>::size;
  const int t = static_cast<int>(threadIdx.x);
  store_vector(shared[t].element, load_vector(x + t * size));
  Vector<T> reversed;
  for (int i = 0; i < size; ++i) reversed.element[i] = shared[t].element[size - 1 - i];
  store_vector(y + t * size, reversed);
}

template <class T>
__global__ void load_from(T* y, const T* x) {
  y[0] = load_vector(x).element[0];
}
__global__ void store_to(float* y) {
  store_vector(y, Vector<float>{});
}
__global__ void load_shared(float* y) {
  MEMSIZER_SHARED(Vector<float>, shared, 2);
  y[0] = load_vector(shared[0].element + 2).element[0];
}

__global__ void load_pair_from(unsigned* y, const bfloat16* x) {
  y[0] = load_pair(x);
}
__global__ void store_pair_to(bfloat16* y) {
  store_pair(y, 0);
}

/// y = x with the numbers of each pair exchanged.
__global__ void exchange_pairs(bfloat16* y, const bfloat16* x) {
  const unsigned pair = load_pair(x + 2 * threadIdx.x);
  store_pair(y + 2 * threadIdx.x, rounded_pair(upper(pair), lower(pair)));
}

/// Floats with each upper half, which is a bfloat16, and the lower halves at which rounding changes.
std::vector<float> floats_around_ties() {
  std::vector<float> values;
  for (std::uint32_t half = 0; half < 0x10000; ++half)
    for (const std::uint32_t rest : {0x0000, 0x0001, 0x7fff, 0x8000, 0x8001, 0xffff})
      values.push_back(std::bit_cast<float>(half << 16 | rest));
  return values;
}

/// The fault for a misaligned address.
template <class Kernel, class... Arguments>
std::string fault_of(Kernel kernel, Arguments... arguments) {
  EmulatedContext context;
  try {
    launch(context, {.kernel = "tested", .blocks = 1, .threads = 1}, kernel, arguments...);
  } catch (const KernelFault& report) {
    BOOST_TEST(report.reports(FaultKind::misaligned_access));
    return report.what();
  }
  return "";
}

template <class T>
void check_reversed() {
  constexpr std::size_t size = Vector<T>::size;
  std::vector<T> values(32 * size), expected(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(static_cast<float>(i % 100));
  for (std::size_t i = 0; i < values.size(); ++i) expected[i] = values[i / size * size + size - 1 - i % size];
  Buffer<T> x(values, "x"), y(static_cast<memsizer::Index>(values.size()), "y");
  EmulatedContext context;
  launch(context, {.kernel = "reverse", .blocks = 1, .threads = 32}, reverse_elements<T>, y.data(), x.data());
  BOOST_TEST((y.values() == expected));
}

}  // namespace

BOOST_AUTO_TEST_CASE(vectors_of_every_type) {
  check_reversed<float>();
  check_reversed<double>();
  check_reversed<int>();
  check_reversed<memsizer::bfloat16>();
  check_reversed<unsigned char>();
}

BOOST_AUTO_TEST_CASE(addresses_that_are_refused) {
  Buffer<float> x(8, "x"), y(8, "y");
  BOOST_TEST(fault_of(load_from<float>, y.data(), x.data() + 4) == "");
  const std::regex load(
      "kernel tested, block \\(0,0,0\\), thread \\(0,0,0\\): misaligned address, x \\+ 12 bytes: a load of "
      "16 "
      "bytes takes an address at a multiple of 16, got 0x[0-9a-f]+");
  BOOST_TEST(std::regex_match(fault_of(load_from<float>, y.data(), x.data() + 3), load));
  BOOST_TEST(fault_of(store_to, y.data() + 2).find("y + 8 bytes: a store of 16 bytes") != std::string::npos);
  BOOST_TEST(fault_of(load_shared, y.data()).find("shared + 8 bytes: a load of 16 bytes") !=
             std::string::npos);
}

// Both halves round as the conversion of one number does. Only the bits of NaN are those of the instruction.
BOOST_AUTO_TEST_CASE(pairs_are_rounded_as_single_numbers) {
  const std::vector<float> values = floats_around_ties();
  std::size_t wrong = 0, numbers = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float x = values[i], y = values[values.size() - 1 - i];
    const auto expected = [](float value) -> unsigned {
      return std::isnan(value) ? 0x7fffu : bfloat16(value).bits();
    };
    const unsigned pair = rounded_pair(x, y);
    wrong += pair != (expected(x) | expected(y) << 16);
    const auto same = [](float a, float b) {
      return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
    };
    if (std::isnan(x) || std::isnan(y)) {
      wrong += std::isnan(lower(pair)) != std::isnan(x) || std::isnan(upper(pair)) != std::isnan(y);
      continue;
    }
    wrong += !same(lower(pair), bfloat16(x)) || !same(upper(pair), bfloat16(y));
    ++numbers;
  }
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(numbers > 300000u);
  // A tie goes to the even number, what is beyond the largest number to infinity, a denormal stays one.
  BOOST_TEST(rounded_pair(std::bit_cast<float>(0x3f808000u), std::bit_cast<float>(0x3f818000u)) ==
             0x3f823f80u);
  BOOST_TEST(rounded_pair(std::bit_cast<float>(0x7f7fffffu), std::bit_cast<float>(0x80018001u)) ==
             0x80027f80u);
}

BOOST_AUTO_TEST_CASE(pairs_in_memory) {
  std::vector<bfloat16> values(64), expected(64);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = bfloat16(static_cast<float>(i) / 8);
  for (std::size_t i = 0; i < values.size(); ++i) expected[i] = values[i ^ 1];
  Buffer<bfloat16> x(values, "x"), y(64, "y");
  Buffer<unsigned> loaded(1, "loaded");
  EmulatedContext context;
  launch(context, {.kernel = "exchange_pairs", .blocks = 1, .threads = 32}, exchange_pairs, y.data(),
         x.data());
  BOOST_TEST((y.values() == expected));
  BOOST_TEST(fault_of(load_pair_from, loaded.data(), x.data() + 2) == "");
  BOOST_TEST(fault_of(load_pair_from, loaded.data(), x.data() + 3).find("x + 6 bytes: a load of 4 bytes") !=
             std::string::npos);
  BOOST_TEST(fault_of(store_pair_to, y.data() + 1).find("y + 2 bytes: a store of 4 bytes") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
