// An outside program: an operation of one's own, and the gradient checker that finds a wrong backward.
#include <cmath>
#include <cstdio>

#include <memsizer/check/gradient_check.hpp>
#include <memsizer/core.hpp>

using namespace memsizer;

namespace {

/// y = log(1 + e^x), element by element; `factor` is 1 in a right backward.
Tensor<double> softplus(const Tensor<double>& x, double factor) {
  Tensor<double> y(x.shape());
  for (Index i = 0; i < x.size(); ++i) y.data()[i] = std::log1p(std::exp(x.data()[i]));
  record(
      "softplus", y,
      [dx = GradientTarget(x), x = Saved(x), factor](const Tensor<double>& dy) {
        const Output<double> out = dx();
        for (Index i = 0; i < dy.size(); ++i) {
          const double slope = factor * dy.data()[i] / (1 + std::exp(-x.data()[i]));
          out.data[i] = out.accumulate ? out.data[i] + slope : slope;
        }
      },
      x);
  return y;
}

}  // namespace

int main() {
  const Tensor<double> x({4}, {-2, -0.5, 0.5, 2});
  const auto check_with = [&](double factor) {
    return check::check_gradient([&](const auto& in) { return softplus(in[0], factor); }, {x}).passed();
  };
  const bool right = check_with(1), wrong = check_with(1.01);
  std::printf("right backward %s, wrong backward %s\n", right ? "passes" : "fails",
              wrong ? "passes" : "fails");
  return right && !wrong ? 0 : 1;
}
