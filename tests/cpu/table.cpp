#include "memsizer/cpu/table.hpp"

#include <array>
#include <bit>

#include "memsizer/base/lists.hpp"
#include "memsizer/cpu/context.hpp"
#include "memsizer/tensor/tensor.hpp"

#include "cpu/kernel_test.hpp"
#include "kernel_names.hpp"

BOOST_AUTO_TEST_SUITE(table)

using namespace memsizer;
using namespace kernel_test;

// The table holds nothing but kernels, so the test can read it as an array of pointers.
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

BOOST_AUTO_TEST_CASE(the_kernels_that_are_missing_are_listed) {
  const auto check = []<class T>(const KernelTable<T>& table) {
    const auto wrong = test::wrongly_listed_kernels(table, cpu::not_yet<T>());
    BOOST_TEST(wrong.empty(), join(wrong)
                                  << ": null in the cpu's table and listed by cpu::not_yet, or neither");
  };
  check(cpu::table<float>());
  check(cpu::table<double>());
  check(cpu::table<bfloat16>());
}

BOOST_AUTO_TEST_CASE(a_tensor_of_any_of_the_three_types_lies_on_it) {
  const Tensor<bfloat16> x({2}, {bfloat16(1), bfloat16(2)});
  BOOST_TEST((x.clone().to_vector() == x.to_vector()));
  BOOST_CHECK_EXCEPTION(launch(x.device(), "unary", x.kernels().elementwise.unary, x.data(), x.data(),
                               UnaryFunction::exp, Index{2}),
                        MissingKernel, [](const MissingKernel& error) {
                          return std::string_view(error.what()) ==
                                 "unary: device cpu has no kernel for this yet";
                        });
}

BOOST_AUTO_TEST_SUITE_END()
