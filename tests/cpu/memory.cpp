#include "memsizer/cpu/memory.hpp"

#include <numeric>

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(memory)

using namespace memsizer;
using namespace kernel_test;

namespace {

/// y[...] = x[...] element by element, in the slowest way.
void naive_copy(std::vector<double>& y, const auto& x, const Walk& walk, bool accumulate) {
  Index n = 1;
  for (int axis = 0; axis < walk.rank; ++axis) n *= walk.extents[axis];
  for (Index i = 0; i < n; ++i) {
    Index rest = i, to = 0, from = 0;
    for (int axis = walk.rank - 1; axis >= 0; --axis) {
      to += rest % walk.extents[axis] * walk.y_strides[axis];
      from += rest % walk.extents[axis] * walk.a_strides[axis];
      rest /= walk.extents[axis];
    }
    y[to] = x[from] + (accumulate ? y[to] : 0);
  }
}

template <class T>
void check_copy(const Walk& walk, Index y_size, Index x_size) {
  const auto x = uniform<T>(x_size, "x");
  with_threads([&] {
    for (bool accumulate : {false, true}) {
      Guarded<T> y(y_size, T{5});
      std::vector<double> expected(y_size, 5);
      naive_copy(expected, x, walk, accumulate);
      cpu::table<T>().memory.copy_strided(cpu::context(), {y.data(), accumulate}, x.data(), walk);
      check_close(y, expected);
    }
  });
}

/// A walk over a contiguous y whose axes are x's axes in the order `order`.
Walk permutation(const std::vector<Index>& x_extents, const std::vector<int>& order) {
  Walk walk{.rank = static_cast<int>(order.size())};
  std::vector<Index> x_strides(order.size(), 1);
  for (int axis = walk.rank - 2; axis >= 0; --axis)
    x_strides[axis] = x_strides[axis + 1] * x_extents[axis + 1];
  for (int axis = 0; axis < walk.rank; ++axis) {
    walk.extents[axis] = x_extents[order[axis]];
    walk.a_strides[axis] = x_strides[order[axis]];
  }
  Index stride = 1;
  for (int axis = walk.rank - 1; axis >= 0; --axis) {
    walk.y_strides[axis] = stride;
    stride *= walk.extents[axis];
  }
  return walk;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(fill_writes_all_and_nothing_else, T, Types) {
  with_threads([] {
    for (Index n : {Index{0}, Index{1}, Index{33}, Index{100003}}) {
      Guarded<T> y(n);
      cpu::table<T>().memory.fill(cpu::context(), y.data(), T{2.5}, n);
      check_close(y, std::vector<double>(n, 2.5));
    }
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(contiguous_arrays_of_odd_sizes, T, Types) {
  for (Index n : odd_sizes)
    check_copy<T>({.rank = 1, .extents = {n}, .y_strides = {1}, .a_strides = {1}}, n, n);
  check_copy<T>({.rank = 0}, 1, 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(transposes_of_odd_sizes, T, Types) {
  for (Index rows : {0, 1, 31, 33, 200})
    for (Index columns : {0, 1, 31, 33, 120}) BOOST_TEST_CONTEXT(rows << " x " << columns)
  check_copy<T>(permutation({rows, columns}, {1, 0}), rows * columns, rows * columns);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_permutation_of_four_axes, T, Types) {
  std::vector<int> order{0, 1, 2, 3};
  do BOOST_TEST_CONTEXT("order " << order[0] << order[1] << order[2] << order[3])
  check_copy<T>(permutation({3, 35, 5, 33}, order), 3 * 35 * 5 * 33, 3 * 35 * 5 * 33);
  while (std::next_permutation(order.begin(), order.end()))
    ;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(slices_and_repeated_operands, T, Types) {
  // Copies every second column of a [9, 40] array into the middle of a [9, 30] one.
  check_copy<T>({.rank = 2, .extents = {9, 20}, .y_strides = {30, 1}, .a_strides = {40, 2}}, 9 * 30, 9 * 40);
  // Repeats a row, then a column.
  check_copy<T>({.rank = 2, .extents = {70, 33}, .y_strides = {33, 1}, .a_strides = {0, 1}}, 70 * 33, 33);
  check_copy<T>({.rank = 2, .extents = {70, 33}, .y_strides = {33, 1}, .a_strides = {1, 0}}, 70 * 33, 70);
  // Reverses a row by a negative stride.
  const auto x = uniform<T>(33, "x");
  Guarded<T> y(33);
  cpu::table<T>().memory.copy_strided(cpu::context(), {y.data()}, x.data() + 32,
                                      {.rank = 1, .extents = {33}, .y_strides = {1}, .a_strides = {-1}});
  std::vector<double> expected(x.begin(), x.end());
  std::reverse(expected.begin(), expected.end());
  check_close(y, expected);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(several_elements_in_one_place_are_added_in_order, T, Types) {
  const Index rows = 500, columns = 33;
  const auto x = uniform<T>(rows * columns, "x");
  std::vector<double> expected(columns, 1);
  for (Index i = 0; i < rows * columns; ++i) expected[i % columns] += x[i];
  with_threads([&] {
    Guarded<T> y(columns, T{1});
    cpu::table<T>().memory.copy_strided(
        cpu::context(), {y.data(), true}, x.data(),
        {.rank = 2, .extents = {rows, columns}, .y_strides = {0, 1}, .a_strides = {columns, 1}});
    check_close(y, expected, 10);
  });
}

BOOST_AUTO_TEST_SUITE_END()
