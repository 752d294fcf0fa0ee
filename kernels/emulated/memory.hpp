#pragma once
// The emulated device's memory. Each allocation is between two guards, and the device can find it by address.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "memsizer/base/checked.hpp"

namespace memsizer::emulated {

/// Allocates `bytes` >= 0 bytes that kernels may touch. They are uninitialised, and aligned to 256 bytes as
/// in CUDA. Reports use the name. SystemError if there is no space.
void* allocate(Index bytes, const std::string& name = "");
/// Releases memory from allocate(); null is allowed. An overwritten guard is not reported here, but by the
/// launch that overwrote it.
void release(void* block);

/// n elements of the emulated device's memory. T is plain data.
template <class T>
class Buffer {
 public:
  explicit Buffer(Index n, const std::string& name = "")
      : n_(n), data_(static_cast<T*>(allocate(checked_product(n, sizeof(T), "buffer"), name))) {}
  explicit Buffer(std::span<const T> values, const std::string& name = "")
      : Buffer(static_cast<Index>(values.size()), name) {
    assign(values);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { release(data_); }

  T* data() { return data_; }
  Index size() const { return n_; }

  void assign(std::span<const T> values) {
    require(static_cast<Index>(values.size()) == n_, "buffer: ", n_, " elements expected, ", values.size(),
            " given");
    if (n_ > 0) std::memcpy(data_, values.data(), values.size_bytes());
  }
  std::vector<T> values() const {
    std::vector<T> copy(static_cast<std::size_t>(n_));
    if (n_ > 0) std::memcpy(copy.data(), data_, copy.size() * sizeof(T));
    return copy;
  }

 private:
  Index n_;
  T* data_;
};

}  // namespace memsizer::emulated
