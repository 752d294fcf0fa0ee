// An outside program with the emulated CUDA device: a softmax without a GPU.
#include <cmath>
#include <cstdio>
#include <string>

#include <memsizer/memsizer.hpp>

#include "kernels/emulated/device.hpp"

int main() {
  using namespace memsizer;
  Device& device = emulated::device();
  const Tensor<double> x(Shape{1, 2}, {0.0, std::log(3.0)}, device);
  const std::vector<double> y = softmax(x).to_vector();
  std::printf("softmax on %s: %.3f %.3f\n", std::string(device.name()).c_str(), y[0], y[1]);
  return std::abs(y[0] - 0.25) < 1e-12 && std::abs(y[1] - 0.75) < 1e-12 ? 0 : 1;
}
