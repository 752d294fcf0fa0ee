// Your own kernel, checked before it runs on a GPU. The operation has a body for the CPU and CUDA kernels
// (07_softsign.cuh). One call on each device checks its gradient. A program outside this project includes
// memsizer/check.hpp, which also brings the CPU's kernels.
#include <iostream>

#include "memsizer/check/gradient_check.hpp"

#include "07_softsign.cuh"
#include "kernels/emulated/device.hpp"

using namespace memsizer;

namespace {

/// The kernels of one device. The order of arguments is: outputs, inputs, size. Backward has the same order,
/// with d prefixes.
struct Softsign {
  void (*forward)(Context&, double* y, const double* x, Index n);
  void (*backward)(Context&, Output<double> dx, const double* dy, const double* x, Index n);
};

void cpu_softsign(Context&, double* y, const double* x, Index n) {
  for (Index i = 0; i < n; ++i) y[i] = x[i] / (1 + std::abs(x[i]));
}

void cpu_softsign_backward(Context&, Output<double> dx, const double* dy, const double* x, Index n) {
  for (Index i = 0; i < n; ++i) {
    const double value = dy[i] / ((1 + std::abs(x[i])) * (1 + std::abs(x[i])));
    dx.data[i] = dx.accumulate ? dx.data[i] + value : value;
  }
}

/// An easy mistake: the square is missing.
void wrong_backward(Context&, Output<double> dx, const double* dy, const double* x, Index n) {
  for (Index i = 0; i < n; ++i) dx.data[i] = (dx.accumulate ? dx.data[i] : 0) + dy[i] / (1 + std::abs(x[i]));
}

/// The operation: the shape rule, the forward launch, and a record with the backward launch.
Tensor<double> softsign(const Softsign& kernels, const Tensor<double>& x) {
  Tensor<double> y(x.shape(), x.device());
  launch(x.device(), "softsign", kernels.forward, y.data(), x.data(), x.size());
  record(
      "softsign", y,
      [kernels, dx = GradientTarget(x), x = Saved(x)](const Tensor<double>& dy) {
        launch(x.device(), "softsign_backward", kernels.backward, dx(), dy.data(), x.data(), x.size());
      },
      x);
  return y;
}

/// Positive and negative numbers, away from 0, where the second derivative jumps.
Tensor<double> numbers(Index size, Device& device) {
  std::vector<double> values;
  for (Index i = 0; i < size; ++i)
    values.push_back((i % 2 == 0 ? 1 : -1) * (0.5 + static_cast<double>(i % 7)));
  return Tensor<double>({size}, values, device);
}

void check_on(Device& device, const char* name, const Softsign& kernels) {
  for (Index size : {1, 31, 1023}) {
    const auto report = check::check_gradient([&](const auto& in) { return softsign(kernels, in[0]); },
                                              {numbers(size, device)});
    std::cout << name << ", " << size << " elements: " << (report.passed() ? "passed" : "failed") << '\n';
  }
}

}  // namespace

int main() {
  const Softsign on_cpu{cpu_softsign, cpu_softsign_backward},
      on_emulated{emulated::softsign<double>, emulated::softsign_backward<double>};
  check_on(cpu::device(), "cpu", on_cpu);
  check_on(emulated::device(), "emulated", on_emulated);
  const bool equal = softsign(on_cpu, numbers(1023, cpu::device())).to_vector() ==
                     softsign(on_emulated, numbers(1023, emulated::device())).to_vector();
  std::cout << "cpu and emulated give " << (equal ? "the same" : "different") << " values\n";
  check_on(cpu::device(), "cpu with a wrong backward", {cpu_softsign, wrong_backward});
}
