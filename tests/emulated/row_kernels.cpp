// Softmax and layer normalisation: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(row_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

// Numbers of rows and columns around a lane, a warp, and the rows that a warp handles.
struct RowShape {
  Index rows, columns;
};

constexpr RowShape shapes[] = {{0, 5},    {1, 1},    {1, 31},   {31, 33},  {33, 31},  {1023, 1},
                               {2049, 1}, {2, 1023}, {3, 1025}, {2, 2049}, {200, 40}, {5, 1024}};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(softmax, T, Types) {
  for (const RowShape& shape : shapes) {
    const Index rows = shape.rows, columns = shape.columns;
    auto x = input<T>(rows * columns, "x", -8, 8), dy = input<T>(rows * columns, "dy");
    BOOST_TEST_CONTEXT(rows << " x " << columns) {
      compare<T>(
          {rows * columns, rows * columns}, 1,
          [&](Context& context, const auto& table, const auto& out) {
            table.softmax.softmax(context, out[0], x.data(), rows, columns);
            table.softmax.softmax_backward(context, {out[1]}, dy.data(), out[0], rows, columns);
            table.softmax.softmax_backward(context, {out[1], true}, dy.data(), out[0], rows, columns);
          },
          both_ends);
      compare<T>(
          {rows * columns, rows * columns}, 8,
          [&](Context& context, const auto& table, const auto& out) {
            table.softmax.log_softmax(context, out[0], x.data(), rows, columns);
            table.softmax.log_softmax_backward(context, {out[1]}, dy.data(), out[0], rows, columns);
            table.softmax.log_softmax_backward(context, {out[1], true}, dy.data(), out[0], rows, columns);
          },
          both_ends);
    }
  }
}

// Rows that do not begin at a multiple of 16 bytes, and of the same bits as those that do.
BOOST_AUTO_TEST_CASE_TEMPLATE(rows_off_by_one_element, T, Types) {
  for (const Index columns : {4, 31, 33, 1024}) {
    const std::vector<T> values = uniform<T>(2 * columns + 1, "x", -8, 8);
    Buffer<T> x(values, "x"), same(std::vector<T>(values.begin() + 1, values.end()), "same");
    BOOST_TEST_CONTEXT(columns << " columns")
    compare<T>(
        {2 * columns + 1, 2 * columns + 1}, 1, [&](Context& context, const auto& table, const auto& out) {
          table.softmax.softmax(context, out[0] + 1, x.data() + 1, 2, columns);
          table.softmax.softmax_backward(context, {out[1] + 1, true}, x.data() + 1, out[0] + 1, 2, columns);
        });
    emulated::EmulatedContext context;
    Buffer<T> y(2 * columns + 1, "y"), same_y(2 * columns, "y");
    emulated::table<T>().softmax.softmax(context, y.data() + 1, x.data() + 1, 2, columns);
    emulated::table<T>().softmax.softmax(context, same_y.data(), same.data(), 2, columns);
    for (Index i = 0; i < 2 * columns; ++i) BOOST_TEST(y.data()[i + 1] == same_y.data()[i]);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(softmax_of_extremes, T, Types) {
  const T big = std::numeric_limits<T>::max() / 2, infinity = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const Index columns : {4, 1030}) {
    std::vector<T> values(static_cast<std::size_t>(5 * columns), T(1));
    const T firsts[5][4] = {{big, -big, 0, 1},
                            {-big, -big, -big, -big},
                            {-infinity, 0, 1, -infinity},
                            {nan, 0, 1, 2},
                            {0, 0, 0, 0}};
    for (Index row = 0; row < 5; ++row) std::copy_n(firsts[row], 4, values.begin() + row * columns);
    std::fill_n(values.begin() + 4 * columns, columns, -infinity);  // a row in which everything is hidden
    Buffer<T> x(values, "x");
    compare<T>({5 * columns}, 1, [&](Context& context, const auto& table, const auto& out) {
      table.softmax.softmax(context, out[0], x.data(), 5, columns);
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(layer_norm, T, Types) {
  for (const RowShape& shape : shapes) {
    const Index rows = shape.rows, columns = shape.columns;
    auto x = input<T>(rows * columns, "x", -1, 3), dy = input<T>(rows * columns, "dy");
    auto weight = input<T>(columns, "weight"), bias = input<T>(columns, "bias");
    BOOST_TEST_CONTEXT(rows << " x " << columns)
    for (const bool accumulate : {false, true})
      compare<T>(
          {rows * columns, rows, rows, rows * columns, columns, columns}, 16,
          [&](Context& context, const auto& table, const auto& out) {
            table.norm.layer_norm(context, out[0], out[1], out[2], x.data(), weight.data(), bias.data(), rows,
                                  columns, 1e-5);
            table.norm.layer_norm_backward(context, {out[3], accumulate}, {out[4], accumulate},
                                           {out[5], accumulate}, dy.data(), out[1], out[2], x.data(),
                                           weight.data(), rows, columns);
          },
          both_ends);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(layer_norm_gradients_that_are_not_wanted, T, Types) {
  constexpr Index rows = 5, columns = 33;
  auto x = input<T>(rows * columns, "x"), dy = input<T>(rows * columns, "dy"),
       weight = input<T>(columns, "weight");
  auto mean = input<T>(rows, "mean"), inverse_deviation = input<T>(rows, "deviation", 0.5, 2);
  for (int wanted = 0; wanted < 8; ++wanted)
    compare<T>(
        {rows * columns, columns, columns}, 16, [&](Context& context, const auto& table, const auto& out) {
          const auto gradient = [&](int i) { return Output<T>{(wanted >> i & 1) != 0 ? out[i] : nullptr}; };
          table.norm.layer_norm_backward(context, gradient(0), gradient(1), gradient(2), dy.data(),
                                         mean.data(), inverse_deviation.data(), x.data(), weight.data(), rows,
                                         columns);
        });
}

BOOST_AUTO_TEST_SUITE_END()
