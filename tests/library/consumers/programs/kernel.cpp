// An outside program: a CUDA kernel of one's own, on the emulated device. It reverses an array within blocks
// through shared memory.
#include <cstdio>

#include <memsizer/core.hpp>

#include "kernels/emulated/device.hpp"
#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {

constexpr unsigned block = 64;

__global__ void reverse_kernel(double* y, const double* x) {
  MEMSIZER_SHARED(double, part, block);
  const Index begin = Index{blockIdx.x} * block;
  part[threadIdx.x] = x[begin + threadIdx.x];
  __syncthreads();
  y[begin + threadIdx.x] = part[block - 1 - threadIdx.x];
}

void reverse(Context& context, double* y, const double* x, Index n) {
  launch(context, {"reverse", {static_cast<unsigned>(n) / block}, {block}}, reverse_kernel, y, x);
}

}  // namespace memsizer::MEMSIZER_DEVICE

int main() {
  using namespace memsizer;
  Device& device = emulated::device();
  const Tensor<double> x = arange<double>(128).to(device);
  Tensor<double> y(x.shape(), device);
  emulated::reverse(device.context(), y.data(), x.data(), x.size());
  const std::vector<double> values = y.to_vector();
  std::printf("%g %g %g\n", values[0], values[63], values[64]);
  return values[0] == 63 && values[63] == 0 && values[64] == 127 ? 0 : 1;
}
