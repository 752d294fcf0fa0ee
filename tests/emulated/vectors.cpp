// Loads and stores of 16 bytes: what they move, and the addresses that they refuse.
#include <numeric>
#include <regex>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/bfloat16.hpp"

#include "kernels/emulated/fault.hpp"
#include "kernels/portable.cuh"

BOOST_AUTO_TEST_SUITE(vectors)

using namespace memsizer::emulated;
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

BOOST_AUTO_TEST_SUITE_END()
