#pragma once
// How a kernel is started on the emulated device.

#include <cstddef>
#include <tuple>
#include <type_traits>

#include "kernels/emulated/context.hpp"
#include "kernels/emulated/position.hpp"

namespace memsizer::emulated {

/// How a kernel is started: its name for reports, the grid and the block, the bytes of dynamic shared memory,
/// and its launch bound: the number in its __launch_bounds__, for which the compiler has chosen its
/// registers. 0 is no bound.
struct LaunchShape {
  const char* kernel;
  Extent blocks;
  Extent threads;
  std::size_t shared_bytes = 0;
  unsigned most_threads = 0;
};

/// A kernel with its arguments. `invoke(self)` runs one thread. The kernel may read its arguments, which are
/// in the `bytes` bytes at `self`. `function` tells kernels apart, also those of one name.
struct KernelCall {
  const void* function;
  void (*invoke)(const void* self);
  const void* self;
  std::size_t bytes;
};

/// Runs every thread of every block in the order of the context's schedule. Throws a KernelFault if the
/// kernel did something wrong or needs more than a GPU gives it, or the exception that the kernel threw.
/// InputError if no GPU takes the shape.
void run(Context& context, const LaunchShape& shape, const KernelCall& call);

template <class... Parameters>
struct BoundKernel {
  void (*kernel)(Parameters...);
  std::tuple<Parameters...> arguments;

  static void invoke(const void* self) {
    const auto& bound = *static_cast<const BoundKernel*>(self);
    std::apply(bound.kernel, bound.arguments);
  }
};

/// Runs kernel<<<shape>>>(arguments...) to its end.
template <class... Parameters, class... Arguments>
void launch(Context& context, const LaunchShape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...), "kernels take plain data by value");
  const BoundKernel<Parameters...> bound{kernel, {static_cast<Parameters>(arguments)...}};
  run(context, shape,
      {reinterpret_cast<const void*>(kernel), &BoundKernel<Parameters...>::invoke, &bound, sizeof bound});
}

/// The number of threads in a block: what the context's schedule prescribes, else what the launcher prefers.
inline unsigned threads_per_block(Context& context, unsigned preferred) {
  const unsigned prescribed = as_emulated(context).schedule.threads_per_block;
  return prescribed != 0 ? prescribed : preferred;
}

}  // namespace memsizer::emulated
