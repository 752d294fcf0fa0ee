#include "memsizer/cpu/norm.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(norm)

using namespace memsizer;
using namespace kernel_test;

namespace {

constexpr double epsilon = 1e-5;

/// Layer normalisation and its gradients in double, from the definition.
struct Naive {
  std::vector<double> y, mean, inverse_deviation, dx, dweight, dbias;

  template <class T>
  Naive(const Guarded<T>& x, const Guarded<T>& weight, const Guarded<T>& bias, const Guarded<T>& dy,
        Index rows, Index columns)
      : y(x.size()), mean(rows), inverse_deviation(rows), dx(x.size()), dweight(columns), dbias(columns) {
    for (Index row = 0; row < rows; ++row) {
      double variance = 0, g_mean = 0, product_mean = 0;
      const Index at = row * columns;
      for (Index i = 0; i < columns; ++i) mean[row] += x[at + i] / static_cast<double>(columns);
      for (Index i = 0; i < columns; ++i)
        variance += std::pow(x[at + i] - mean[row], 2) / static_cast<double>(columns);
      inverse_deviation[row] = 1 / std::sqrt(variance + epsilon);
      const auto normal = [&](Index i) { return (x[at + i] - mean[row]) * inverse_deviation[row]; };
      for (Index i = 0; i < columns; ++i) {
        y[at + i] = normal(i) * weight[i] + bias[i];
        dweight[i] += dy[at + i] * normal(i);
        dbias[i] += dy[at + i];
        g_mean += dy[at + i] * weight[i] / static_cast<double>(columns);
        product_mean += dy[at + i] * weight[i] * normal(i) / static_cast<double>(columns);
      }
      for (Index i = 0; i < columns; ++i)
        dx[at + i] =
            inverse_deviation[row] * (double{dy[at + i]} * weight[i] - g_mean - normal(i) * product_mean);
    }
  }
};

constexpr std::pair<Index, Index> shapes[] = {{0, 5},    {1, 1},    {1, 33},   {31, 4},   {33, 31},
                                              {5, 1023}, {1023, 8}, {4100, 5}, {200, 513}};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(forward_and_backward_of_odd_shapes, T, Types) {
  for (const auto& [rows, columns] : shapes) {
    const auto x = uniform<T>(rows * columns, "x", -1, 3), dy = uniform<T>(rows * columns, "dy");
    const auto weight = uniform<T>(columns, "weight"), bias = uniform<T>(columns, "bias");
    const Naive naive(x, weight, bias, dy, rows, columns);
    const auto& kernels = cpu::table<T>().norm;
    BOOST_TEST_CONTEXT(rows << " x " << columns)
    with_threads([&] {
      Guarded<T> y(rows * columns), mean(rows), inverse_deviation(rows);
      kernels.layer_norm(cpu::context(), y.data(), mean.data(), inverse_deviation.data(), x.data(),
                         weight.data(), bias.data(), rows, columns, epsilon);
      check_close(y, naive.y, 4);
      check_close(mean, naive.mean);
      check_close(inverse_deviation, naive.inverse_deviation, 4);
      const auto backward = [&](Output<T> dx, Output<T> dweight, Output<T> dbias) {
        kernels.layer_norm_backward(cpu::context(), dx, dweight, dbias, dy.data(), mean.data(),
                                    inverse_deviation.data(), x.data(), weight.data(), rows, columns);
      };
      check_gradient<T>(naive.dx, 20, [&](Output<T> dx) { backward(dx, {}, {}); });
      check_gradient<T>(naive.dweight, 20, [&](Output<T> dweight) { backward({}, dweight, {}); });
      check_gradient<T>(naive.dbias, 20, [&](Output<T> dbias) { backward({}, {}, dbias); });
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(all_three_gradients_in_one_call, T, Types) {
  const Index rows = 70, columns = 33;
  const auto x = uniform<T>(rows * columns, "x"), dy = uniform<T>(rows * columns, "dy");
  const auto weight = uniform<T>(columns, "weight"), bias = uniform<T>(columns, "bias");
  const Naive naive(x, weight, bias, dy, rows, columns);
  Guarded<T> mean(rows), inverse_deviation(rows), dx(rows * columns), dweight(columns), dbias(columns);
  for (Index row = 0; row < rows; ++row) {
    mean[row] = static_cast<T>(naive.mean[row]);
    inverse_deviation[row] = static_cast<T>(naive.inverse_deviation[row]);
  }
  cpu::table<T>().norm.layer_norm_backward(cpu::context(), {dx.data()}, {dweight.data()}, {dbias.data()},
                                           dy.data(), mean.data(), inverse_deviation.data(), x.data(),
                                           weight.data(), rows, columns);
  check_close(dx, naive.dx, 20);
  check_close(dweight, naive.dweight, 20);
  check_close(dbias, naive.dbias, 20);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_large_mean_does_not_swallow_the_variance, T, Types) {
  const Index n = 1023;
  auto x = uniform<T>(n, "x", -1, 1);
  for (Index i = 0; i < n; ++i) x[i] += 1000;
  const Guarded<T> weight(n, T{1}), bias(n);
  const Naive naive(x, weight, bias, x, 1, n);
  Guarded<T> y(n), mean(1), inverse_deviation(1);
  cpu::table<T>().norm.layer_norm(cpu::context(), y.data(), mean.data(), inverse_deviation.data(), x.data(),
                                  weight.data(), bias.data(), 1, n, epsilon);
  BOOST_TEST(std::abs(inverse_deviation[0] / naive.inverse_deviation[0] - 1) < 1e-5);
}

BOOST_AUTO_TEST_SUITE_END()
