#pragma once
// Declares the CPU device. The bodies of the kernels are in table_bodies.hpp. An outside program gets them
// through memsizer.hpp; a program of many files includes only this header and links one object that
// instantiates them.

#include <new>
#include <span>

#include "memsizer/cpu/thread_pool.hpp"
#include "memsizer/device/device.hpp"

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

/// The kernels of the CPU, with this library's own matrix products (product.hpp).
template <class T>
const KernelTable<T>& table();
/// The CPU has no bfloat16 kernels yet; it would compute in float anyway.
template <>
inline const KernelTable<bfloat16>& table<bfloat16>() {
  static constexpr KernelTable<bfloat16> none{};
  return none;
}

/// The kernels that are null in the table of T, as "family.kernel"; "*" stands for all of them.
template <class T>
std::span<const std::string_view> not_yet() {
  static constexpr std::string_view all[] = {"*"};
  if constexpr (std::is_same_v<T, bfloat16>) return all;
  return {};
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

/// The default device of tensors. Like the context, it is never destroyed.
inline Device& device() {
  static Device& device = *new Device("cpu", context(), memory());
  return device;
}

/// Gives the device its kernels for T. Each type of tensor asks only for its own kernels, so a program that
/// includes everything and works in float does not compile the kernels for double.
template <class T>
void provide_kernels() {
  [[maybe_unused]] static const bool provided = (device().provide(table<T>()), true);
}

/// Sets the number of threads for kernels, by ThreadPool::resize; 0: as many as usable processors.
inline void set_threads(Index threads) {
  context().threads().resize(threads);
}

}  // namespace memsizer::cpu
