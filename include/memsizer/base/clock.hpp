#pragma once
// The clock for timing work.

#include <chrono>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// Seconds of a clock that never goes back; its zero is arbitrary.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace memsizer
