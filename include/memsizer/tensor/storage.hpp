#pragma once
// A block of a device's memory, given back to the device's pool when its last user is gone.

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

 private:
  Device& device_;
  Index bytes_;
  void* data_;
};

}  // namespace memsizer
