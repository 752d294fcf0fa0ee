// Reductions over an axis: the emulated device compared with the CPU.
#include <limits>

#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(reduce_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

// Short and long axes beside few and many neighbours. The long ones are cut into pieces. Rows of 33 elements
// begin at no multiple of 16 bytes but the first, those of 36 all do.
constexpr AxisShape shapes[] = {{1, 1, 1},    {0, 3, 5},    {3, 0, 5},    {3, 0, 1},           {3, 5, 0},
                                {31, 33, 1},  {33, 31, 1},  {33, 36, 1},  {1023, 1, 1},        {1, 1, 257},
                                {2, 5, 3},    {1, 257, 3},  {1, 5, 300},  {3, 40, 33},         {2, 1025, 1},
                                {1, 2049, 1}, {2049, 1, 1}, {1, 1, 2049}, {1, 9 * 1024 + 5, 1}};

template <class T>
void compare_reductions(Buffer<T>& x, const AxisShape& shape, ReduceFunction f) {
  const Index rows = shape.outer * shape.inner, n = rows * shape.length;
  auto dy = input<T>(rows, "dy");
  compare<T>(
      {rows, n, n}, 8,
      [&](Context& context, const auto& table, const auto& out) {
        table.reduce.reduce(context, out[0], x.data(), f, shape);
        const T* const read = f == ReduceFunction::maximum ? x.data() : nullptr;
        table.reduce.reduce_backward(context, {out[1]}, dy.data(), read, f, shape);
        table.reduce.reduce_backward(context, {out[2], true}, dy.data(), read, f, shape);
      },
      both_ends);
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_means_and_maxima, T, Types) {
  for (const AxisShape& shape : shapes) {
    auto x = input<T>(shape.outer * shape.length * shape.inner, "x");
    for (const ReduceFunction f : {ReduceFunction::sum, ReduceFunction::mean, ReduceFunction::maximum})
      BOOST_TEST_CONTEXT(name_of(f) << " of " << shape.outer << " x " << shape.length << " x " << shape.inner)
    compare_reductions<T>(x, shape, f);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(equal_infinite_and_missing_maxima, T, Types) {
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  for (const Index length : {5, 70, 2100})
    for (const Index inner : {1, 3}) {
      const AxisShape shape{4, length, inner};
      // By outer place: equal elements, a maximum that comes twice, nothing but -infinity, NaN twice.
      std::vector<T> values(static_cast<std::size_t>(4 * length * inner), T{1});
      const auto set = [&](Index outer, Index j, T value) {
        for (Index i = 0; i < inner; ++i)
          values[static_cast<std::size_t>((outer * length + (j + i) % length) * inner + i)] = value;
      };
      for (const Index j : {length / 2, length - 2}) {
        set(1, j, T{7});
        set(3, j, nan);
      }
      for (Index j = 0; j < length; ++j) set(2, j, -infinity);
      set(3, 0, infinity);
      Buffer<T> x(values, "x");
      BOOST_TEST_CONTEXT(length << " x " << inner)
      compare_reductions(x, shape, ReduceFunction::maximum);
    }
}

BOOST_AUTO_TEST_SUITE_END()
