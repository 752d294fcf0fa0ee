#pragma once
// A block of a device's memory, given back to the device's pool when its last user is gone.

#include <atomic>
#include <memory>

#include "memsizer/device/device.hpp"

namespace memsizer {

class Storage {
 public:
  Storage(Device& device, Index bytes)
      : device_(device), bytes_(bytes), data_(device.pool().allocate(bytes)) {}
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() { device_.pool().release(data_, bytes_); }

  Device& device() const { return device_; }
  void* data() const { return data_; }

  /// How often mark_changed() was called after a change in place. A backward compares this number, since the
  /// elements it reads must not have changed.
  std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }
  void mark_changed() const { version_.fetch_add(1, std::memory_order_relaxed); }

 private:
  Device& device_;
  Index bytes_;
  void* data_;
  mutable std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace memsizer
