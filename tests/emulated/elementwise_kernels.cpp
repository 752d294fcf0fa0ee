// Filling, y (+)= scale x + shift, and conversions: the emulated device's kernels against the CPU's.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(elementwise_kernels)

using namespace memsizer;
using namespace comparison;

BOOST_AUTO_TEST_CASE_TEMPLATE(fill_and_affine, T, Types) {
  for (const Index n : {0, 1, 31, 257, 1023}) {
    auto x = input<T>(n, "x");
    BOOST_TEST_CONTEXT(n << " elements")
    compare<T>({n, n, n}, 1, [&](Context& context, const auto& table, const auto& out) {
      table.memory.fill(context, out[0], T(0.5), n);
      table.elementwise.affine(context, {out[1]}, x.data(), 0.7, -0.3, n);
      table.elementwise.affine(context, {out[2], true}, x.data(), 0.7, -0.3, n);
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(conversions, T, Types) {
  for (const Index n : {0, 1, 31, 257, 1023}) {
    auto x = input<T>(n, "x");
    BOOST_TEST_CONTEXT(n << " elements")
    compare<T>({n, n, n, n}, 1, [&](Context& context, const auto& table, const auto& out) {
      table.elementwise.widen(context, {out[0]}, x.data(), n);
      table.elementwise.widen(context, {out[1], true}, x.data(), n);
      table.elementwise.narrow(context, {out[2]}, x.data(), n);
      table.elementwise.narrow(context, {out[3], true}, x.data(), n);
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
