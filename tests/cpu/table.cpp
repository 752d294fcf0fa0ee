#include "memsizer/cpu/table.hpp"

#include <array>
#include <bit>

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(table)

using namespace memsizer;
using namespace kernel_test;

// The table holds nothing but kernels, so it can be read as an array of pointers.
BOOST_AUTO_TEST_CASE_TEMPLATE(no_kernel_is_missing, T, Types) {
  using Kernel = void (*)();
  constexpr std::size_t count = sizeof(KernelTable<T>) / sizeof(Kernel);
  static_assert(sizeof(KernelTable<T>) == count * sizeof(Kernel));
  const auto kernels = std::bit_cast<std::array<Kernel, count>>(cpu::table<T>());
  BOOST_TEST(count >= 35u);
  for (std::size_t i = 0; i < count; ++i) BOOST_TEST((kernels[i] != nullptr), "kernel " << i << " is null");
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_can_be_set) {
  const int before = cpu::context().threads().size();
  cpu::set_threads(3);
  BOOST_TEST(cpu::context().threads().size() == 3);
  cpu::set_threads(0);
  BOOST_TEST(cpu::context().threads().size() == static_cast<int>(std::thread::hardware_concurrency()));
  cpu::set_threads(before);
}

BOOST_AUTO_TEST_SUITE_END()
