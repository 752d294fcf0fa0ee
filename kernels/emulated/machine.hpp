#pragma once
// The machine runs the launches of the emulated device, one after another.

#include "kernels/emulated/block.hpp"

namespace memsizer::emulated {

class Machine {
 public:
  /// Each host thread has its own machine, because fibers' stacks belong to a host thread. Only one machine
  /// runs a kernel at a time.
  static Machine& of_this_thread();

  void run(const LaunchShape& shape, const KernelCall& call, EmulatedContext& context);

 private:
  void run_blocks(const Schedule& schedule);

  Block block_;
};

}  // namespace memsizer::emulated
