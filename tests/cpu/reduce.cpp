#include "memsizer/cpu/reduce.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(reduce)

using namespace memsizer;
using namespace kernel_test;

namespace {

const AxisShape shapes[] = {{1, 1, 1},    {0, 5, 3},    {5, 0, 3},   {5, 3, 0},      {1, 1023, 1},
                            {33, 31, 1},  {33, 1, 31},  {3, 33, 5},  {1, 100003, 1}, {1, 7001, 31},
                            {2, 3001, 3}, {4000, 9, 2}, {2, 3, 5000}};

/// Calls body(element of x, element of y, place along the axis) for every element of x.
template <class Body>
void for_each_element(const AxisShape& shape, const Body& body) {
  for (Index o = 0; o < shape.outer; ++o)
    for (Index j = 0; j < shape.length; ++j)
      for (Index i = 0; i < shape.inner; ++i)
        body((o * shape.length + j) * shape.inner + i, o * shape.inner + i, j);
}

template <class T>
std::vector<double> naive(const Guarded<T>& x, ReduceFunction f, const AxisShape& shape) {
  const bool maximum = f == ReduceFunction::maximum;
  std::vector<double> y(shape.outer * shape.inner, maximum ? -std::numeric_limits<double>::infinity() : 0);
  for_each_element(shape, [&](Index from, Index to, Index) {
    y[to] = maximum ? std::max<double>(y[to], x[from]) : y[to] + x[from];
  });
  if (f == ReduceFunction::mean)
    for (double& value : y) value /= static_cast<double>(shape.length);
  return y;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(every_function_of_every_shape, T, Types) {
  for (const AxisShape& shape : shapes) {
    const auto x = uniform<T>(shape.outer * shape.length * shape.inner, "x");
    for (ReduceFunction f : {ReduceFunction::sum, ReduceFunction::mean, ReduceFunction::maximum}) {
      const auto expected = naive(x, f, shape);
      BOOST_TEST_CONTEXT("shape " << &shape - shapes << ", function " << static_cast<int>(f))
      with_threads([&] {
        Guarded<T> y(shape.outer * shape.inner, T{9});
        cpu::table<T>().reduce.reduce(cpu::context(), y.data(), x.data(), f, shape);
        check_close(y, expected);
      });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_every_shape, T, Types) {
  for (const AxisShape& shape : shapes) {
    const Index n = shape.outer * shape.length * shape.inner;
    const auto x = uniform<T>(n, "x"), dy = uniform<T>(shape.outer * shape.inner, "dy");
    for (ReduceFunction f : {ReduceFunction::sum, ReduceFunction::mean, ReduceFunction::maximum}) {
      const auto largest = naive(x, ReduceFunction::maximum, shape);
      std::vector<double> expected(n);
      for_each_element(shape, [&](Index to, Index from, Index) {
        expected[to] = f == ReduceFunction::sum    ? dy[from]
                       : f == ReduceFunction::mean ? dy[from] / static_cast<double>(shape.length)
                       : x[to] == largest[from]    ? dy[from]
                                                   : 0;
      });
      BOOST_TEST_CONTEXT("shape " << &shape - shapes << ", function " << static_cast<int>(f))
      with_threads([&] {
        check_gradient<T>(expected, 1, [&](Output<T> dx) {
          cpu::table<T>().reduce.reduce_backward(cpu::context(), dx, dy.data(), x.data(), f, shape);
        });
      });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_first_of_equal_maxima_gets_the_gradient, T, Types) {
  Guarded<T> x(6), dx(6), dy(2, T{5});
  for (Index i : {1, 2, 3, 4}) x[i] = 8;
  cpu::table<T>().reduce.reduce_backward(cpu::context(), {dx.data()}, dy.data(), x.data(),
                                         ReduceFunction::maximum, {.outer = 2, .length = 3});
  check_close(dx, {0, 5, 0, 5, 0, 0});
  // The same with two columns. In the first column rows 1 and 2 tie, in the second rows 0 and 1.
  Guarded<T> table(6), dtable(6);
  for (Index i : {2, 4, 1, 3}) table[i] = 8;
  cpu::table<T>().reduce.reduce_backward(cpu::context(), {dtable.data()}, dy.data(), table.data(),
                                         ReduceFunction::maximum, {.length = 3, .inner = 2});
  check_close(dtable, {0, 5, 5, 0, 0, 0});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_maximum_does_not_hide_nan, T, Types) {
  for (Index place : {0, 3, 5}) {
    Guarded<T> x(6, T{1}), y(1), dx(6), dy(1, T{2});
    x[place] = std::numeric_limits<T>::quiet_NaN();
    const AxisShape shape{.length = 6};
    cpu::table<T>().reduce.reduce(cpu::context(), y.data(), x.data(), ReduceFunction::maximum, shape);
    BOOST_TEST(std::isnan(y[0]));
    cpu::table<T>().reduce.reduce_backward(cpu::context(), {dx.data()}, dy.data(), x.data(),
                                           ReduceFunction::maximum, shape);
    BOOST_TEST(dx[place] == 2);
    // The same vector as the second of three columns.
    Guarded<T> table(18, T{1}), maxima(3), dtable(18), dmaxima(3, T{2});
    table[3 * place + 1] = std::numeric_limits<T>::quiet_NaN();
    const AxisShape columns{.length = 6, .inner = 3};
    cpu::table<T>().reduce.reduce(cpu::context(), maxima.data(), table.data(), ReduceFunction::maximum,
                                  columns);
    BOOST_TEST((maxima[0] == 1 && std::isnan(maxima[1]) && maxima[2] == 1));
    cpu::table<T>().reduce.reduce_backward(cpu::context(), {dtable.data()}, dmaxima.data(), table.data(),
                                           ReduceFunction::maximum, columns);
    BOOST_TEST(dtable[3 * place + 1] == 2);
  }
}

BOOST_AUTO_TEST_SUITE_END()
