#pragma once
// The clock that work is timed with.

#include <chrono>

namespace memsizer {

/// Seconds from any beginning on, of a clock that never goes back.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace memsizer
