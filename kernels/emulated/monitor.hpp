#pragma once
// How a checking build listens in: the runtime tells it of every event that orders memory accesses.

namespace memsizer::emulated {

class Block;

class Monitor {
 public:
  virtual ~Monitor() = default;
  virtual void launch_begins(Block& block) = 0;
  virtual void block_begins() = 0;
  /// All threads of the block met.
  virtual void barrier_passed() = 0;
  /// The lanes of a warp met in __syncwarp. Shuffles and ballots order no memory.
  virtual void warp_synchronised(unsigned warp, unsigned lanes) = 0;
};

/// Null in an ordinary build.
inline constinit Monitor* monitor = nullptr;

/// Whether this host thread runs a kernel's own code now, not the runtime's.
inline constinit thread_local bool in_kernel_code = false;

/// The runtime at work on behalf of a kernel's thread.
class RuntimeScope {
 public:
  RuntimeScope() { in_kernel_code = false; }
  RuntimeScope(const RuntimeScope&) = delete;
  RuntimeScope& operator=(const RuntimeScope&) = delete;
  ~RuntimeScope() { in_kernel_code = true; }
};

}  // namespace memsizer::emulated
