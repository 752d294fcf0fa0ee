#include "memsizer/cpu/openblas.hpp"

#include <sys/mman.h>

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(openblas)

using namespace memsizer;
using namespace kernel_test;

namespace {

/// Compares one product by our kernels and by OpenBLAS. The two may differ by rounding.
template <class T>
void compare(const MatmulShape& shape, bool accumulate, const Epilogue<T>& epilogue) {
  const auto a = uniform<T>(shape.rows * shape.inner, "a"), b = uniform<T>(shape.inner * shape.columns, "b");
  const Index n = shape.rows * shape.columns;
  Guarded<T> ours = uniform<T>(n, "c"), theirs = ours, before(n);
  Epilogue<T> watched = epilogue;
  watched.before_activation = before.data();
  const auto multiply = [&](const MatmulKernels<T>& kernels, Guarded<T>& c, const Epilogue<T>& finish) {
    kernels.matmul(cpu::context(), {c.data(), accumulate}, a.data(), b.data(), shape, finish);
  };
  multiply(cpu::table<T>().matmul, ours, epilogue);
  with_threads([&] {
    Guarded<T> c = theirs;
    multiply(cpu::openblas_table<T>().matmul, c, watched);
    check_close(c, {ours.begin(), ours.end()}, 10);
    BOOST_TEST(before.intact());
  });
}

// The distance between two rows, in elements. It is more than OpenBLAS's integers hold.
constexpr Index far = (Index{1} << 32) + 3, far_bytes = (far + 3) * Index{sizeof(float)};

/// Reserves address space for two such rows. Only the pages that are touched take memory. Returns MAP_FAILED
/// if there is not enough address space.
void* reserve_far_rows() {
  return mmap(nullptr, static_cast<std::size_t>(far_bytes), PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

void release_far_rows(void* memory) {
  munmap(memory, static_cast<std::size_t>(far_bytes));
}

boost::test_tools::assertion_result has_address_space(boost::unit_test::test_unit_id) {
  void* const memory = reserve_far_rows();
  const bool reserved = memory != MAP_FAILED;
  if (reserved) release_far_rows(memory);
  boost::test_tools::assertion_result found(reserved);
  found.message() << "no address space of " << far_bytes << " bytes";
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(any_number_of_threads_gives_the_same_bits, T, Types) {
  for (Index rows : {3, 130, 1000})
    for (Index columns : {7, 129, 700}) {
      const Index inner = 200, n = rows * columns;
      const auto a = uniform<T>(rows * inner, "a"), b = uniform<T>(inner * columns, "b");
      std::vector<Guarded<T>> results;
      with_threads([&] {
        cpu::openblas_table<T>().matmul.matmul(cpu::context(), {results.emplace_back(n).data()}, a.data(),
                                               b.data(), contiguous_product(rows, columns, inner), {});
      });
      for (const auto& result : results) BOOST_TEST(result.same_bits(results[0]), rows << " x " << columns);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_equal_those_of_the_default_filling, T, Types) {
  const auto bias = uniform<T>(700, "bias");
  for (bool transpose_a : {false, true})
    for (bool transpose_b : {false, true})
      for (Index rows : {0, 1, 33, 600})
        for (Index columns : {1, 31, 700})
          for (Index inner : {0, 1, 65}) {
            const MatmulShape shape = contiguous_product(rows, columns, inner, {transpose_a, transpose_b});
            compare<T>(shape, true, {});
            compare<T>(shape, false, {});
            compare<T>(shape, false, {bias.data(), Activation::gelu});
          }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(weight_gradients_equal_those_of_the_default_filling, T, Types) {
  const LinearShape shape{.rows = 70, .inputs = 33, .outputs = 65};
  const auto dy = uniform<T>(70 * 65, "dy"), x = uniform<T>(70 * 33, "x");
  Guarded<T> ours(65 * 33), theirs(65 * 33);
  cpu::table<T>().matmul.linear_weight_backward(cpu::context(), {ours.data()}, {}, dy.data(), x.data(),
                                                shape);
  cpu::openblas_table<T>().matmul.linear_weight_backward(cpu::context(), {theirs.data()}, {}, dy.data(),
                                                         x.data(), shape);
  check_close(theirs, {ours.begin(), ours.end()}, 4);
}

BOOST_AUTO_TEST_CASE(sizes_beyond_those_of_openblas, *boost::unit_test::precondition(has_address_space)) {
  void* const memory = reserve_far_rows();
  BOOST_TEST_REQUIRE((memory != MAP_FAILED));
  float* const a = static_cast<float*>(memory);
  for (Index i : {0, 1, 2}) a[i] = a[far + i] = static_cast<float>(i + 1);
  const float b[3] = {1, 10, 100};
  float c[2] = {};
  cpu::OpenblasProduct::multiply<float>(
      c, false, a, b, {.rows = 2, .columns = 1, .inner = 3, .a_leading = far, .b_leading = 1, .c_leading = 1},
      {});
  release_far_rows(memory);
  BOOST_TEST(c[0] == 321);
  BOOST_TEST(c[1] == 321);
}

BOOST_AUTO_TEST_CASE(a_device_uses_it_from_then_on) {
  Device device("cpu", cpu::context(), cpu::memory(), cpu::table<float>(), cpu::table<double>());
  device.use(cpu::openblas_table<float>(), cpu::openblas_table<double>());
  BOOST_TEST((device.kernels<float>().matmul.matmul == cpu::openblas_table<float>().matmul.matmul));
  BOOST_TEST((device.kernels<float>().softmax.softmax == cpu::table<float>().softmax.softmax));
}

BOOST_AUTO_TEST_SUITE_END()
