#pragma once
// The emulated device at work: launches, one after another.

#include "kernels/emulated/block.hpp"

namespace memsizer::emulated {

class Machine {
 public:
  /// Stacks belong to a host thread, so each has a machine; one at a time runs a kernel.
  static Machine& of_this_thread();

  void run(const LaunchShape& shape, const KernelCall& call, const Schedule& schedule);

 private:
  void run_blocks(const Schedule& schedule);

  Block block_;
};

}  // namespace memsizer::emulated
