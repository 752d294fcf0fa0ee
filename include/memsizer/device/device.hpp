#pragma once
// A device: a name, memory, a context to run kernels in, and one kernel table for each element type.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/base/mutex.hpp"
#include "memsizer/base/sanitizer.hpp"
#include "memsizer/device/kernel_table.hpp"

namespace memsizer {

/// Raw memory of a device, untyped. Copies between device and host block until they are done. A copy within
/// the device runs in order with the kernels before and after it, and the host need not wait for it. Pointers
/// may be null if 0 bytes are copied; otherwise source and destination must not overlap.
struct DeviceMemory {
  void* (*allocate)(Context&, Index bytes);  // SystemError where there is no space
  void (*release)(Context&, void*);
  void (*from_host)(Context&, void* to, const void* from, Index bytes);
  void (*to_host)(Context&, void* to, const void* from, Index bytes);
  void (*copy)(Context&, void* to, const void* from, Index bytes);
  bool host_readable = false;  // whether the host may read and write this memory directly
};

/// All three copies of a device whose memory is the host's. We skip 0 bytes, because memmove must not get
/// null even then.
inline void copy_on_host(Context&, void* to, const void* from, Index bytes) {
  if (bytes > 0) std::memmove(to, from, static_cast<std::size_t>(bytes));
}

/// Keeps freed blocks for the next request of the same size class: a training step asks for the same blocks
/// again and again, and a system allocation costs more than many kernels. Where shapes change all the time,
/// as in decoding, nobody asks again for many of them. So the pool keeps at most twice the bytes that were
/// ever in use at a time, and gives back first what was not asked for longest.
class MemoryPool {
 public:
  MemoryPool(Context& context, const DeviceMemory& memory) : context_(context), memory_(memory) {}
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;
  ~MemoryPool() { trim(); }

  /// A block of at least `bytes` (>= 0), aligned for every kernel; SystemError if there is no space, not even
  /// after all kept blocks were given back.
  void* allocate(Index bytes);

  void release(void* block, Index bytes);

  /// Gives all kept blocks back to the device. Returns whether there were any.
  bool trim();

  /// Without caching, the pool gets each block from the device and releases it at once, exactly as long as
  /// requested, so that memory checkers see every block. Under AddressSanitizer a pool begins without
  /// caching. Set this only while nothing is allocated.
  void set_caching(bool caching) {
    caching_ = caching;
    if (!caching) trim();
  }

  Index bytes_in_use() const {
    const Lock lock(mutex_);
    return in_use_;
  }
  Index peak_bytes() const {
    const Lock lock(mutex_);
    return peak_;
  }
  void reset_peak() {
    const Lock lock(mutex_);
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

  /// The free blocks of a size class.
  struct Kept {
    Index size;
    std::vector<void*> blocks = {};
    std::uint64_t last_request = 0;  // the pool's requests until then
  };
  Kept& kept_of(Index size);

  void* take_kept(Index size);
  void give_back_what_is_too_much();

  /// Kept blocks of other classes may fill the memory; once they are released there may be space.
  void* allocate_new(Index bytes);

  Context& context_;
  const DeviceMemory& memory_;
  mutable Mutex mutex_;
  std::vector<Kept> kept_;  // in rising order of their sizes
  std::atomic<bool> caching_ = !address_sanitizer;
  Index in_use_ = 0, peak_ = 0;
  Index most_in_use_ = 0;  // as peak_, but never reset
  Index kept_bytes_ = 0;
  std::uint64_t requests_ = 0;
};

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION void* MemoryPool::allocate(Index bytes) {
  const Index size = size_class(bytes);
  void* block = take_kept(size);
  if (block == nullptr) block = allocate_new(caching_ ? size : bytes);
  const Lock lock(mutex_);
  in_use_ += size;
  peak_ = std::max(peak_, in_use_);
  most_in_use_ = std::max(most_in_use_, in_use_);
  return block;
}

MEMSIZER_CORE_FUNCTION void MemoryPool::release(void* block, Index bytes) {
  const Index size = size_class(bytes);
  const Lock lock(mutex_);
  in_use_ -= size;
  if (!caching_) return memory_.release(context_, block);
  kept_of(size).blocks.push_back(block);
  kept_bytes_ += size;
  give_back_what_is_too_much();
}

MEMSIZER_CORE_FUNCTION bool MemoryPool::trim() {
  const Lock lock(mutex_);
  bool any = false;
  for (const Kept& kept : kept_)
    for (void* block : kept.blocks) {
      memory_.release(context_, block);
      any = true;
    }
  kept_.clear();
  kept_bytes_ = 0;
  return any;
}

MEMSIZER_CORE_FUNCTION MemoryPool::Kept& MemoryPool::kept_of(Index size) {
  const auto place = std::ranges::lower_bound(kept_, size, {}, &Kept::size);
  if (place != kept_.end() && place->size == size) return *place;
  return *kept_.insert(place, Kept{size});
}

MEMSIZER_CORE_FUNCTION void* MemoryPool::take_kept(Index size) {
  const Lock lock(mutex_);
  Kept& kept = kept_of(size);
  kept.last_request = ++requests_;
  if (kept.blocks.empty()) return nullptr;
  void* const block = kept.blocks.back();
  kept.blocks.pop_back();
  kept_bytes_ -= size;
  return block;
}

MEMSIZER_CORE_FUNCTION void MemoryPool::give_back_what_is_too_much() {
  while (kept_bytes_ > 2 * most_in_use_) {
    Kept* oldest = nullptr;
    for (Kept& kept : kept_)
      if (!kept.blocks.empty() && (oldest == nullptr || kept.last_request < oldest->last_request))
        oldest = &kept;
    memory_.release(context_, oldest->blocks.back());
    oldest->blocks.pop_back();
    kept_bytes_ -= oldest->size;
  }
}

MEMSIZER_CORE_FUNCTION void* MemoryPool::allocate_new(Index bytes) {
  try {
    return memory_.allocate(context_, bytes);
  } catch (const SystemError&) {
    if (!trim()) throw;
  }
  return memory_.allocate(context_, bytes);
}

#endif

/// One device of this process, with a kernel table for each of float, double and bfloat16. A device must
/// outlive every storage on it.
class Device {
 public:
  /// A device with these tables. Other types have no kernels until provide() or use().
  template <class... T>
  requires(sizeof...(T) > 0)
      Device(std::string name, Context& context, const DeviceMemory& memory, const KernelTable<T>&... kernels)
      : Device(std::move(name), context, memory) {
    use(kernels...);
  }
  /// A device without kernels until provide() or use().
  Device(std::string name, Context& context, const DeviceMemory& memory)
      : name_(std::move(name)), context_(context), memory_(memory), pool_(context, memory_) {}
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  std::string_view name() const { return name_; }
  Context& context() { return context_; }
  const DeviceMemory& memory() const { return memory_; }
  MemoryPool& pool() { return pool_; }

  /// Whether a table for T was provided; it may lack kernels.
  template <class T>
  bool provides() const {
    return std::get<const KernelTable<T>*>(tables_) != nullptr;
  }

  /// The kernels for T. Error if neither a tensor of this type nor anything else has provided them.
  template <class T>
  const KernelTable<T>& kernels() const {
    const KernelTable<T>* kernels = std::get<const KernelTable<T>*>(tables_);
    if (kernels == nullptr)
      throw Error(concatenate("device ", name_, ": no kernels of this type were provided in this program"));
    return *kernels;
  }

  /// Sets the kernels of one type, unless they are set already.
  template <class T>
  void provide(const KernelTable<T>& kernels) {
    const KernelTable<T>*& table = std::get<const KernelTable<T>*>(tables_);
    if (table == nullptr) table = &kernels;
  }

  /// Uses other tables from now on, for example tables with OpenBLAS's matrix products. They must outlive the
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

/// The error for a kernel that a device does not have yet.
class MissingKernel : public InputError {
 public:
  using InputError::InputError;
};

/// Runs a kernel on a device. Throws MissingKernel with the kernel's name if the device does not have it yet.
/// `kernel` is one of the table's, or a pointer to a function of your own.
template <class Function, class... Arguments>
void launch(Device& device, const char* name, Function kernel, Arguments&&... arguments) {
  if (kernel == nullptr)
    throw MissingKernel(concatenate(name, ": device ", device.name(), " has no kernel for this yet"));
  kernel(device.context(), std::forward<Arguments>(arguments)...);
}

}  // namespace memsizer
