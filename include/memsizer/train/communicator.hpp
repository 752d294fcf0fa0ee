#pragma once
// The place of the processes that train one model together. A process alone is a world of one.

#include "memsizer/device/device.hpp"

namespace memsizer::train {

/// What data-parallel training asks of the processes around it. Example: of two processes, each computes the
/// gradient of its own rows, and sum() gives both the gradient of all rows.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// The number of this process among `world` of them, from 0 on.
  virtual Index rank() const = 0;
  virtual Index world() const = 0;

  /// Replaces n numbers in the device's memory by their sums over all processes, in an order that does not
  /// depend on time. It is queued like a kernel: the host does not wait.
  virtual void sum(Device& device, float* values, Index n) const = 0;
  virtual void sum(Device& device, double* values, Index n) const = 0;

  /// The sum of a count that the host knows.
  virtual Index sum(Index count) const = 0;
};

/// A process alone.
class Solo : public Communicator {
 public:
  Index rank() const override { return 0; }
  Index world() const override { return 1; }
  void sum(Device&, float*, Index) const override {}
  void sum(Device&, double*, Index) const override {}
  Index sum(Index count) const override { return count; }

  static const Solo& instance() {
    static const Solo solo;
    return solo;
  }
};

}  // namespace memsizer::train
