#pragma once
// The interface to the race checker of a checking build: the runtime tells it of every event that orders
// memory accesses.

#include <cstddef>

namespace memsizer::emulated {

class Block;

class Monitor {
 public:
  virtual ~Monitor() = default;
  virtual void launch_begins(Block& block) = 0;
  virtual void block_begins() = 0;
  /// All threads of the block have reached a __syncthreads.
  virtual void barrier_passed() = 0;
  /// These lanes of a warp have reached a __syncwarp. Shuffles and ballots do not order memory accesses.
  virtual void warp_synchronised(unsigned warp, unsigned lanes) = 0;
  /// All lanes of a warp have come to a named barrier.
  virtual void arrived_at_named_barrier(std::size_t warp, int id) = 0;
  /// All warps have come, and those that wait, as bits, go on.
  virtual void named_barrier_met(unsigned waiting, int id) = 0;
};

/// Null in an ordinary build.
inline constinit Monitor* monitor = nullptr;

/// Whether this host thread now runs a kernel's own code, and not the runtime's.
inline constinit thread_local bool in_kernel_code = false;

/// While this lives, a kernel's thread runs code of the runtime, so its accesses are not checked.
class RuntimeScope {
 public:
  RuntimeScope() { in_kernel_code = false; }
  RuntimeScope(const RuntimeScope&) = delete;
  RuntimeScope& operator=(const RuntimeScope&) = delete;
  ~RuntimeScope() { in_kernel_code = true; }
};

}  // namespace memsizer::emulated
