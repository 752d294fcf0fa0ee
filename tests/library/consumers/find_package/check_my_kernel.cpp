// check_my_kernel.cpp
#include <iostream>

#include "kernels/emulated/fault.hpp"
#include "my_kernel.cuh"

int main() {
  using namespace memsizer::emulated;
  try {
    for (unsigned seed = 0; seed < 20; ++seed) {
      EmulatedContext context;
      context.schedule.seed = seed;
      Buffer<float> in(std::vector<float>(1000, 1), "in"), out(4, "out");
      block_sums(context, out.data(), in.data(), 1000);
    }
  } catch (const KernelFault& report) {
    std::cout << report.what() << '\n';
    return 1;
  }
}
