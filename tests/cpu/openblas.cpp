#include "memsizer/cpu/openblas.hpp"

#include "cpu/kernel_test.hpp"

using namespace memsizer;
using namespace kernel_test;

BOOST_AUTO_TEST_SUITE(openblas)

namespace {

/// Both fillings' results of one product, which may differ by rounding.
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

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(products_equal_those_of_the_default_filling, T, Types) {
  const auto bias = uniform<T>(700, "bias");
  for (bool transpose_a : {false, true})
    for (bool transpose_b : {false, true})
      for (Index rows : {0, 1, 33, 600})
        for (Index columns : {1, 31, 700})
          for (Index inner : {0, 1, 65}) {
            const MatmulShape shape{.rows = rows,
                                    .columns = columns,
                                    .inner = inner,
                                    .transpose_a = transpose_a,
                                    .transpose_b = transpose_b,
                                    .a_leading = transpose_a ? rows : inner,
                                    .b_leading = transpose_b ? inner : columns,
                                    .c_leading = columns};
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

BOOST_AUTO_TEST_CASE(a_device_uses_it_from_then_on) {
  Device device("cpu", cpu::context(), cpu::memory(), cpu::table<float>(), cpu::table<double>());
  device.use(cpu::openblas_table<float>(), cpu::openblas_table<double>());
  BOOST_TEST((device.kernels<float>().matmul.matmul == cpu::openblas_table<float>().matmul.matmul));
  BOOST_TEST((device.kernels<float>().softmax.softmax == cpu::table<float>().softmax.softmax));
}

BOOST_AUTO_TEST_SUITE_END()
