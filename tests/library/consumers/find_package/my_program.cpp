// Runs the kernel that docs/emulated_device.md shows, under the schedule that stands there.
#include <algorithm>
#include <vector>

#include "kernels/emulated/device.hpp"
#include "my_kernel.cuh"

using namespace memsizer;

int main() {
  const int n = 1000;
  const std::vector<float> values(n, 1);
  emulated::EmulatedContext context;
  context.schedule.seed = 7;
  emulated::Buffer<float> in(values, "in"), out(4, "out");
  emulated::block_sums(context, out.data(), in.data(), n);
  return out.values() == std::vector<float>{256, 256, 256, 232} ? 0 : 1;
}
