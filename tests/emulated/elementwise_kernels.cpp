// Filling, y (+)= scale x + shift, conversions and gathered rows: the emulated device's kernels against the
// CPU's.
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

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_gathered, T, Types) {
  using memsizer::Id;
  for (const Index columns : {0, 1, 3, 33})
    for (const std::vector<Id>& order :
         {std::vector<Id>{}, std::vector<Id>{4}, std::vector<Id>{2, 0, 2, 3, 1, 4, 4}}) {
      auto x = input<T>(5 * columns, "x");
      Buffer<Id> rows(order, "rows");
      const auto count = static_cast<Index>(order.size()), bytes = columns * Index{sizeof(T)};
      BOOST_TEST_CONTEXT(count << " rows of " << columns)
      compare<T>({count * columns, count * columns}, 0,
                 [&](Context& context, const auto& table, const auto& out) {
                   table.memory.gather_rows(context, out[0], x.data(), rows.data(), count, bytes);
                   // As rows of single bytes, whatever they mean.
                   const Index odd = bytes > 0 ? bytes - 1 : 0;
                   table.memory.gather_rows(context, out[1], x.data(), rows.data(), count, odd);
                 });
    }
}

BOOST_AUTO_TEST_SUITE_END()
