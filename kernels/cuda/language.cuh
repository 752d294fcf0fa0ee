#pragma once
// What portable.cuh gives to kernels, for CUDA: launch is <<<>>>, shared memory is __shared__, and the
// workspace belongs to the stream.

#include <cstddef>
#include <cstdint>

#include <cuda_runtime.h>

#include "kernels/cuda/context.cuh"

/// The namespace of kernels: each device compiles them into its own.
#define MEMSIZER_DEVICE cuda

/// Stands before a loop that must be unrolled, so that the arrays in it are registers.
#define MEMSIZER_UNROLL _Pragma("unroll")

/// Stands before a loop whose body is long, so that the kernel has it once.
#define MEMSIZER_ROLLED _Pragma("unroll 1")

/// Declares `name` as an array of `count` T that the threads of a block share; count is a constant.
#define MEMSIZER_SHARED(T, name, count) __shared__ T name[count]

/// Declares `name` as a pointer to the shared memory whose size the launch gives (LaunchShape::shared_bytes).
#define MEMSIZER_DYNAMIC_SHARED(T, name)                                   \
  extern __shared__ __align__(16) unsigned char memsizer_dynamic_shared[]; \
  T* const name = reinterpret_cast<T*>(memsizer_dynamic_shared)

namespace memsizer::cuda {

/// How a kernel is started: its name for reports, the grid and the block, the bytes of dynamic shared memory,
/// and its launch bound: the number in its __launch_bounds__, for which the compiler has chosen its
/// registers. 0 is no bound.
struct LaunchShape {
  const char* kernel;
  dim3 blocks;
  dim3 threads;
  std::size_t shared_bytes = 0;
  unsigned most_threads = 0;
};

/// kernel<<<shape>>>(arguments...) on the context's stream. InputError if a block has more threads than the
/// launch bound, SystemError if the GPU refuses the launch. If the kernel fails while it runs, a later call
/// that waits for it reports the error.
template <class... Parameters, class... Arguments>
void launch(Context& context, const LaunchShape& shape, void (*kernel)(Parameters...),
            const Arguments&... arguments) {
  const unsigned threads = shape.threads.x * shape.threads.y * shape.threads.z;
  require(shape.most_threads == 0 || threads <= shape.most_threads, "kernel ", shape.kernel, ": ", threads,
          " threads in a block, and the launch bound is ", shape.most_threads);
  const std::size_t always_allowed = 48 * 1024;
  if (shape.shared_bytes > always_allowed)
    as_cuda(context).allow_shared_memory(reinterpret_cast<const void*>(kernel), shape.shared_bytes,
                                         shape.kernel);
  kernel<<<shape.blocks, shape.threads, shape.shared_bytes, as_cuda(context).stream()>>>(
      static_cast<Parameters>(arguments)...);
  check(cudaGetLastError(), shape.kernel);
}

/// The number of threads in a block, which is what the launcher prefers. Other devices may prescribe another.
inline unsigned threads_per_block(Context&, unsigned preferred) {
  return preferred;
}

/// Memory for the running operation's partial results: `count` uninitialised elements, valid until the next
/// call.
template <class T>
T* workspace(Context& context, Index count) {
  return static_cast<T*>(as_cuda(context).workspace(checked_product(count, sizeof(T), "workspace")));
}

}  // namespace memsizer::cuda
