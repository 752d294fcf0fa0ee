#pragma once
// The parts of the CPU device: its threads and its memory. Kernels include this header, and so does
// table_bodies.hpp, which fills the device.

#include <new>

#include "memsizer/base/thread_pool.hpp"
#include "memsizer/cpu/table.hpp"

namespace memsizer::cpu {

class CpuContext : public Context {
 public:
  ThreadPool& threads() { return threads_; }

  /// Below this many elements a second thread does not pay for a loop. Tests lower the number, so that
  /// threads share small arrays too.
  Index grain = 8192;

 private:
  ThreadPool threads_;
};

/// It is never destroyed, so that tensors and loops in destructors of static objects can still use it.
inline CpuContext& context() {
  static CpuContext& context = *new CpuContext;
  return context;
}

inline constexpr std::align_val_t block_alignment{64};

/// Host memory, aligned to cache lines.
inline const DeviceMemory& memory() {
  static const DeviceMemory memory{
      .allocate = [](Context&, Index bytes) -> void* {
        void* block = ::operator new(static_cast<std::size_t>(bytes), block_alignment, std::nothrow);
        if (block == nullptr) throw SystemError(concatenate("out of memory: ", bytes, " bytes asked for"));
        return block;
      },
      .release = [](Context&, void* block) { ::operator delete(block, block_alignment); },
      .from_host = copy_on_host,
      .to_host = copy_on_host,
      .copy = copy_on_host,
      .host_readable = true};
  return memory;
}

template <class>
Device& process_device() {
  static Device& device = *new Device("cpu", context(), memory());
  return device;
}

template <class>
void set_process_threads(Index threads) {
  context().threads().resize(threads);
}

}  // namespace memsizer::cpu
