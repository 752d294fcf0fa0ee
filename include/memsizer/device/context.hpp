#pragma once
// The context in which a kernel runs. Each device derives its own.

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// The first argument of every kernel: threads on the CPU, stream and workspace on a GPU, the scheduler of
/// the emulated device. A kernel of a device receives the context of that device.
class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  virtual ~Context() = default;

  /// The CUDA kernels come in rungs of a ladder: 1 is the simplest, and each next one is faster. A context
  /// runs no rung above this one. The cpu has one rung only. docs/kernels.md tells what each gains.
  int highest_rung = newest_rung;
  static constexpr int newest_rung = 3;

  bool climbs_to(int rung) const { return rung <= highest_rung; }
};

}  // namespace memsizer
