#include "memsizer/cpu/softmax.hpp"

#include "cpu/kernel_test.hpp"

using namespace memsizer;
using namespace kernel_test;

BOOST_AUTO_TEST_SUITE(softmax)

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

BOOST_AUTO_TEST_SUITE_END()
