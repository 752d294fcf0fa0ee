#include "memsizer/cpu/softmax.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(softmax)

using namespace memsizer;
using namespace kernel_test;

namespace {

/// Values and gradients by the definition.
struct Naive {
  std::vector<double> softmax, log_softmax, softmax_dx, log_softmax_dx;

  template <class T>
  Naive(const Guarded<T>& x, const Guarded<T>& dy, Index rows, Index columns)
      : softmax(x.size()), log_softmax(x.size()), softmax_dx(x.size()), log_softmax_dx(x.size()) {
    for (Index begin = 0; begin < rows * columns; begin += columns) {
      double sum = 0, product = 0, dy_sum = 0;
      for (Index i = begin; i < begin + columns; ++i) sum += std::exp(double{x[i]});
      for (Index i = begin; i < begin + columns; ++i) {
        log_softmax[i] = double{x[i]} - std::log(sum);
        softmax[i] = std::exp(log_softmax[i]);
        product += softmax[i] * dy[i];
        dy_sum += dy[i];
      }
      for (Index i = begin; i < begin + columns; ++i) {
        softmax_dx[i] = softmax[i] * (dy[i] - product);
        log_softmax_dx[i] = dy[i] - softmax[i] * dy_sum;
      }
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(values_and_gradients_of_odd_sizes, T, Types) {
  const auto& kernels = cpu::table<T>().softmax;
  for (Index rows : {0, 1, 33})
    for (Index columns : odd_sizes) {
      const auto x = uniform<T>(rows * columns, "x", -5, 5), dy = uniform<T>(rows * columns, "dy");
      const Naive naive(x, dy, rows, columns);
      BOOST_TEST_CONTEXT(rows << " x " << columns)
      with_threads([&] {
        Guarded<T> y(rows * columns), log_y(rows * columns);
        kernels.softmax(cpu::context(), y.data(), x.data(), rows, columns);
        check_close(y, naive.softmax, 2);
        kernels.log_softmax(cpu::context(), log_y.data(), x.data(), rows, columns);
        check_close(log_y, naive.log_softmax, 2);
        check_gradient<T>(naive.softmax_dx, 4, [&](Output<T> dx) {
          kernels.softmax_backward(cpu::context(), dx, dy.data(), y.data(), rows, columns);
        });
        check_gradient<T>(naive.log_softmax_dx, 4, [&](Output<T> dx) {
          kernels.log_softmax_backward(cpu::context(), dx, dy.data(), log_y.data(), rows, columns);
        });
      });
    }
}

// The weight of a hidden logit is exactly 0, wherever in the row the visible one stands.
BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_hidden_by_minus_infinity_weighs_nothing, T, Types) {
  const T hidden = -std::numeric_limits<T>::infinity();
  for (Index columns : {1, 2, 15, 16, 17, 31, 33, 70})
    for (Index seen = 0; seen < columns; ++seen) {
      Guarded<T> x(2 * columns, hidden), y(2 * columns), log_y(2 * columns);
      x[seen] = x[columns + seen] = T{3};
      cpu::table<T>().softmax.softmax(cpu::context(), y.data(), x.data(), 2, columns);
      cpu::table<T>().softmax.log_softmax(cpu::context(), log_y.data(), x.data(), 2, columns);
      for (Index i = 0; i < 2 * columns; ++i) {
        BOOST_TEST(y[i] == (i % columns == seen ? T{1} : T{0}));
        BOOST_TEST(log_y[i] == (i % columns == seen ? T{0} : hidden));
      }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(large_shifts_change_nothing, T, Types) {
  const Index columns = 35;
  const auto& kernels = cpu::table<T>().softmax;
  Guarded<T> x(columns), y(columns), log_y(columns), shifted(columns), of_shifted(columns),
      log_of_shifted(columns);
  for (Index i = 0; i < columns; ++i) x[i] = static_cast<T>(0.5 * static_cast<double>(i % 11));
  kernels.softmax(cpu::context(), y.data(), x.data(), 1, columns);
  kernels.log_softmax(cpu::context(), log_y.data(), x.data(), 1, columns);
  for (const T shift : {T{1e4}, T{-1e5}, T{4e6}}) {
    for (Index i = 0; i < columns; ++i) shifted[i] = x[i] + shift;
    kernels.softmax(cpu::context(), of_shifted.data(), shifted.data(), 1, columns);
    kernels.log_softmax(cpu::context(), log_of_shifted.data(), shifted.data(), 1, columns);
    BOOST_TEST(y.same_bits(of_shifted));
    BOOST_TEST(log_y.same_bits(log_of_shifted));
  }
}

BOOST_AUTO_TEST_SUITE_END()
