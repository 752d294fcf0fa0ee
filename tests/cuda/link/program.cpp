// A program with the CUDA device: it links, and where there is a GPU, a kernel of each element type runs.
#include <cstdio>
#include <vector>

#include "kernels/cuda/device.hpp"

namespace {

using namespace memsizer;

/// Fills an array with `value` on the GPU and reads it back.
template <class T>
bool fills(T value) {
  Device& device = cuda::device();
  constexpr Index n = 1000, bytes = n * Index{sizeof(T)};
  void* const block = device.pool().allocate(bytes);
  launch(device, "fill", cuda::table<T>().memory.fill, static_cast<T*>(block), value, n);
  std::vector<T> read(static_cast<std::size_t>(n));
  device.memory().to_host(device.context(), read.data(), block, bytes);
  device.pool().release(block, bytes);
  for (const T number : read)
    if (number != value) return false;
  return true;
}

}  // namespace

int main() {
  if (!cuda::present()) {
    std::puts("linked; not run: no GPU");
    return 0;
  }
  const bool right = fills(1.5f) && fills(2.5) && fills(bfloat16(3.5f));
  std::puts(right ? "linked, and right in float, double and bfloat16" : "wrong");
  return right ? 0 : 1;
}
