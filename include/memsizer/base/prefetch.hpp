#pragma once
// Asking the processor for memory before it is needed.

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// Begins to load the cache line at `address`, so that a later access need not wait for it. It changes
/// nothing but time, and any address is allowed.
inline void prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

}  // namespace memsizer
