#pragma once
// The context in which a kernel runs. Each device derives its own.

namespace memsizer {

/// The first argument of every kernel: threads on the CPU, stream and workspace on a GPU, the scheduler of
/// the emulated device. A kernel of a device receives the context of that device.
class Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  virtual ~Context() = default;
};

}  // namespace memsizer
