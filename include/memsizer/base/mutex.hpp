#pragma once
// Mutual exclusion for short sections. <mutex> would read <chrono> into every file that includes a tensor.

#include <atomic>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// Held by one Lock at a time. A thread that waits sleeps.
class Mutex {
  friend class Lock;
  std::atomic_flag held_;
};

/// Holds a mutex while it lives.
class Lock {
 public:
  explicit Lock(Mutex& mutex) : held_(mutex.held_) {
    while (held_.test_and_set(std::memory_order_acquire)) held_.wait(true, std::memory_order_relaxed);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    held_.clear(std::memory_order_release);
    held_.notify_one();
  }

 private:
  std::atomic_flag& held_;
};

}  // namespace memsizer
