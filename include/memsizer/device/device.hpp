#pragma once
// A device: a name, memory, a context to run kernels in, and one kernel table for each element type.

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "memsizer/base/sanitizer.hpp"
#include "memsizer/device/kernel_table.hpp"

namespace memsizer {

/// Raw memory of a device, untyped. Copies between device and host block until done. A copy from one place of
/// the device to another comes between the kernels before and after it, and the host need not wait for it.
/// The places of a copy of 0 bytes may be null; the places of any other do not overlap.
struct DeviceMemory {
  void* (*allocate)(Context&, Index bytes);  // SystemError where there is no space
  void (*release)(Context&, void*);
  void (*from_host)(Context&, void* to, const void* from, Index bytes);
  void (*to_host)(Context&, void* to, const void* from, Index bytes);
  void (*copy)(Context&, void* to, const void* from, Index bytes);
  bool host_readable = false;  // whether the host may read and write this memory directly
};

/// Every copy of a device whose memory is the host's. memcpy must never be given null, not even for 0 bytes.
inline void copy_on_host(Context&, void* to, const void* from, Index bytes) {
  if (bytes > 0) std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

/// Keeps freed blocks for the next request of the same size class: a training step asks for the same blocks
/// again and again, and a system allocation costs more than many kernels.
class MemoryPool {
 public:
  MemoryPool(Context& context, const DeviceMemory& memory) : context_(context), memory_(memory) {}
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;
  ~MemoryPool() { trim(); }

  /// A block of at least `bytes` (>= 0), aligned for every kernel; SystemError where there is no space, not
  /// even after all kept blocks were given back.
  void* allocate(Index bytes) {
    const Index size = size_class(bytes);
    void* block = take_kept(size);
    if (block == nullptr) block = allocate_new(caching_ ? size : bytes);
    std::lock_guard lock(mutex_);
    in_use_ += size;
    peak_ = std::max(peak_, in_use_);
    return block;
  }

  void release(void* block, Index bytes) {
    const Index size = size_class(bytes);
    std::lock_guard lock(mutex_);
    in_use_ -= size;
    if (caching_)
      free_[size].push_back(block);
    else
      memory_.release(context_, block);
  }

  /// Gives all kept blocks back to the device; whether there were any.
  bool trim() {
    std::lock_guard lock(mutex_);
    bool any = false;
    for (auto& [size, blocks] : free_)
      for (void* block : blocks) {
        memory_.release(context_, block);
        any = true;
      }
    free_.clear();
    return any;
  }

  /// Without caching every block comes from and goes to the device at once, exactly as long as asked for, so
  /// that memory checkers see each one; under AddressSanitizer a pool begins so. To be set while nothing is
  /// allocated.
  void set_caching(bool caching) {
    caching_ = caching;
    if (!caching) trim();
  }

  Index bytes_in_use() const {
    std::lock_guard lock(mutex_);
    return in_use_;
  }
  Index peak_bytes() const {
    std::lock_guard lock(mutex_);
    return peak_;
  }
  void reset_peak() {
    std::lock_guard lock(mutex_);
    peak_ = in_use_;
  }

 private:
  /// Sizes are rounded up to an eighth of their power of two: at most 12.5 % waste and few classes.
  static Index size_class(Index bytes) {
    constexpr Index largest = Index{1} << 60;
    if (bytes > largest) throw SystemError(concatenate("out of memory: ", bytes, " bytes asked for"));
    Index step = 64;
    while (step * 16 < bytes) step *= 2;
    return std::max<Index>(64, round_up(bytes, step));
  }

  void* take_kept(Index size) {
    std::lock_guard lock(mutex_);
    const auto kept = free_.find(size);
    if (kept == free_.end() || kept->second.empty()) return nullptr;
    void* block = kept->second.back();
    kept->second.pop_back();
    return block;
  }

  /// The memory may be full of kept blocks of other classes: without them there may be space.
  void* allocate_new(Index bytes) {
    try {
      return memory_.allocate(context_, bytes);
    } catch (const SystemError&) {
      if (!trim()) throw;
    }
    return memory_.allocate(context_, bytes);
  }

  Context& context_;
  const DeviceMemory& memory_;
  mutable std::mutex mutex_;
  std::map<Index, std::vector<void*>> free_;
  std::atomic<bool> caching_ = !address_sanitizer;
  Index in_use_ = 0, peak_ = 0;
};

/// One device of this process, with a kernel table for each of float, double and bfloat16. Lives as long as
/// any storage on it.
class Device {
 public:
  /// With these tables; types that none is given for have none until provide() or use().
  template <class... T>
  requires(sizeof...(T) > 0)
      Device(std::string name, Context& context, const DeviceMemory& memory, const KernelTable<T>&... kernels)
      : Device(std::move(name), context, memory) {
    use(kernels...);
  }
  /// Without kernels, until provide() or use().
  Device(std::string name, Context& context, const DeviceMemory& memory)
      : name_(std::move(name)), context_(context), memory_(memory), pool_(context, memory_) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  std::string_view name() const { return name_; }
  Context& context() { return context_; }
  const DeviceMemory& memory() const { return memory_; }
  MemoryPool& pool() { return pool_; }

  /// Error where neither a tensor of this type nor anything else has provided them.
  template <class T>
  const KernelTable<T>& kernels() const {
    const KernelTable<T>* kernels = std::get<const KernelTable<T>*>(tables_);
    if (kernels == nullptr)
      throw Error(concatenate("device ", name_, ": no kernels of this type were provided in this program"));
    return *kernels;
  }

  /// The kernels of one type, unless there are some.
  template <class T>
  void provide(const KernelTable<T>& kernels) {
    const KernelTable<T>*& table = std::get<const KernelTable<T>*>(tables_);
    if (table == nullptr) table = &kernels;
  }

  /// Runs on other backends of the tables from now on (OpenBLAS matrix products, say). They must outlive the
  /// device.
  template <class... T>
  void use(const KernelTable<T>&... kernels) {
    ((std::get<const KernelTable<T>*>(tables_) = &kernels), ...);
  }

 private:
  std::string name_;
  Context& context_;
  DeviceMemory memory_;
  std::tuple<const KernelTable<float>*, const KernelTable<double>*, const KernelTable<bfloat16>*> tables_;
  MemoryPool pool_;
};

/// A device was asked for a kernel that it does not have yet.
class MissingKernel : public InputError {
 public:
  using InputError::InputError;
};

/// Runs a kernel on a device; MissingKernel naming it where the device does not have it yet.
template <class... Parameters, class... Arguments>
void launch(Device& device, const char* name, void (*kernel)(Context&, Parameters...),
            Arguments&&... arguments) {
  if (kernel == nullptr)
    throw MissingKernel(concatenate(name, ": device ", device.name(), " has no kernel for this yet"));
  kernel(device.context(), std::forward<Arguments>(arguments)...);
}

}  // namespace memsizer
