// The emulated device: its table and its memory.
#include "kernels/emulated/device.hpp"

#include <cmath>
#include <iostream>
#include <string>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/lists.hpp"
#include "memsizer/ops/ops.hpp"

#include "kernel_names.hpp"
#include "kernels/emulated/asan.hpp"
#include "kernels/emulated/fault.hpp"

BOOST_AUTO_TEST_SUITE(device)

using namespace memsizer;

namespace {

boost::test_tools::assertion_result without_asan(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(!emulated::asan::enabled);
  result.message() << "AddressSanitizer ends the program at the access itself";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_kernels_that_are_missing_are_listed) {
  for (const auto& name : emulated::not_yet()) std::cout << "not yet in CUDA: " << name << '\n';
  for (const auto& name : emulated::not_yet<bfloat16>())
    std::cout << "not yet in CUDA in bfloat16: " << name << '\n';
  const auto check = []<class T>(const KernelTable<T>& table) {
    const auto wrong = test::wrongly_listed_kernels(table, emulated::not_yet<T>());
    BOOST_TEST(wrong.empty(), join(wrong)
                                  << ": nullptr in kernels/table.cuh and a line of not_yet_kernels expected, "
                                     "or neither");
  };
  check(emulated::table<float>());
  check(emulated::table<double>());
  check(emulated::table<bfloat16>());
}

BOOST_AUTO_TEST_CASE(tensors_live_on_it) {
  Device& device = emulated::device();
  BOOST_TEST(device.name() == "emulated");
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const Tensor<float> x({2, 3}, values, device);
  Tensor<float> y({2, 3}, device);
  launch(device, "softmax", device.kernels<float>().softmax.softmax, y.data(), x.data(), Index{2}, Index{3});
  BOOST_TEST(std::abs(y.to_vector()[5] - 1 / (1 + std::exp(-1.0f) + std::exp(-2.0f))) < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_kernel_that_is_missing_is_named) {
  const KernelTable<float> none;
  Device bare("bare", emulated::context(), emulated::memory(), none);
  const Tensor<float> x({2, 3}, std::vector<float>(6), bare);
  BOOST_CHECK_EXCEPTION(x + x, InputError, [](const InputError& error) {
    return std::string_view(error.what()).ends_with("device bare has no kernel for this yet");
  });
}

BOOST_AUTO_TEST_CASE(a_tensor_ends_where_its_elements_end, *boost::unit_test::precondition(without_asan)) {
  Tensor<float> x({7}, emulated::device());
  const auto& kernels = emulated::device().kernels<float>();
  kernels.memory.fill(emulated::context(), x.data(), 1.0f, 7);
  BOOST_CHECK_EXCEPTION(kernels.memory.fill(emulated::context(), x.data(), 1.0f, 8), emulated::KernelFault,
                        [](const emulated::KernelFault& report) {
                          return report.reports(emulated::FaultKind::overwritten_guard) &&
                                 report.faults()[0].offset == 28;
                        });
}

BOOST_AUTO_TEST_CASE(memory_is_given_and_taken_back) {
  BOOST_CHECK_THROW(emulated::allocate(-1), InputError);
  BOOST_CHECK_THROW(emulated::allocate(Index{1} << 62), SystemError);
  int not_ours = 0;
  BOOST_CHECK_THROW(emulated::release(&not_ours), InputError);
  BOOST_CHECK_NO_THROW(emulated::release(nullptr));
  emulated::Buffer<int> empty(0);
  BOOST_TEST(empty.values().empty());
  emulated::Buffer<int> three(3);
  BOOST_CHECK_THROW(three.assign(std::vector<int>{1, 2}), InputError);
  BOOST_CHECK_THROW(emulated::Buffer<double>(Index{1} << 61), InputError);
}

BOOST_AUTO_TEST_CASE(a_workspace_is_as_long_as_asked) {
  emulated::EmulatedContext context;
  double* first = context.workspace<double>(100);
  std::fill_n(first, 100, 1.0);
  float* second = context.workspace<float>(7);
  std::fill_n(second, 7, 1.0f);
  BOOST_TEST(second[6] == 1.0f);
}

BOOST_AUTO_TEST_SUITE_END()
