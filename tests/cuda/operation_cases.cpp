// Every operation on a GPU, from the one list of operation cases.
#include "device_cases.hpp"
#include "kernels/cuda/device.hpp"

BOOST_AUTO_TEST_SUITE(cuda_operation_cases)

using namespace memsizer;

namespace {

/// The tests are skipped where the driver finds no GPU.
boost::test_tools::assertion_result gpu(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(cuda::present());
  result.message() << "not run: no GPU";
  return result;
}

const auto with_a_gpu = boost::unit_test::precondition(gpu);

/// Those with cuBLASLt also where it cannot be opened.
boost::test_tools::assertion_result gpu_and_cublaslt(boost::unit_test::test_unit_id id) {
  boost::test_tools::assertion_result result = gpu(id);
  if (!result) return result;
  try {
    cuda::use_products(cuda::Products::cublaslt);
  } catch (const InputError& error) {
    result = boost::test_tools::assertion_result(false);
    result.message() << "not run: " << error.what();
  }
  cuda::use_products(cuda::Products::own);
  return result;
}

/// The device with cuBLASLt's products, until the end of a test.
struct ByCublaslt {
  ByCublaslt() { cuda::use_products(cuda::Products::cublaslt); }
  ~ByCublaslt() { cuda::use_products(cuda::Products::own); }
};

const auto with_cublaslt = boost::unit_test::precondition(gpu_and_cublaslt);

}  // namespace

BOOST_AUTO_TEST_CASE(values_and_gradients_equal_the_cpu, *with_a_gpu) {
  device_cases::check_double({cuda::device()});
}

BOOST_AUTO_TEST_CASE(float_equals_the_cpus_double, *with_a_gpu) {
  device_cases::check_narrow<float>({cuda::device()});
}

BOOST_AUTO_TEST_CASE(gradients_equal_differences, *with_a_gpu) {
  device_cases::check_gradients({cuda::device()});
}

BOOST_AUTO_TEST_CASE(bfloat16_rounds_what_double_gives, *with_a_gpu) {
  device_cases::check_narrow<bfloat16>({cuda::device()});
}

BOOST_AUTO_TEST_CASE(two_runs_are_equal_bit_for_bit, *with_a_gpu) {
  for (const Index size : {33, 1023}) {
    device_cases::check_determinism<float>(cuda::device(), size, [](int) {});
    device_cases::check_determinism<bfloat16>(cuda::device(), size, [](int) {});
  }
}

BOOST_AUTO_TEST_CASE(double_by_cublaslt_equals_the_cpu, *with_cublaslt) {
  const ByCublaslt products;
  device_cases::check_double({cuda::device()});
}

BOOST_AUTO_TEST_CASE(float_and_bfloat16_by_cublaslt_equal_the_cpus_double, *with_cublaslt) {
  const ByCublaslt products;
  device_cases::check_narrow<float>({cuda::device()});
  device_cases::check_narrow<bfloat16>({cuda::device()});
}

BOOST_AUTO_TEST_CASE(two_runs_by_cublaslt_are_equal_bit_for_bit, *with_cublaslt) {
  const ByCublaslt products;
  device_cases::check_determinism<float>(cuda::device(), 1023, [](int) {});
  device_cases::check_determinism<bfloat16>(cuda::device(), 1023, [](int) {});
}

BOOST_AUTO_TEST_SUITE_END()
