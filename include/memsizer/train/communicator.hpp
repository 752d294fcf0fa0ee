#pragma once
// The processes that train one model together. A process that trains alone is a world of one.

#include "memsizer/device/device.hpp"

namespace memsizer::train {

/// What data-parallel training needs from the other processes. Example: with two processes, each computes the
/// gradient of its own rows, and sum() gives both the gradient of all rows.
class Communicator {
 public:
  virtual ~Communicator() = default;

  /// The number of this process, from 0 to world() - 1.
  virtual Index rank() const = 0;
  virtual Index world() const = 0;

  /// Replaces n numbers in device memory by their sums over all processes. The order of summation does not
  /// depend on timing. The sum is queued like a kernel, and the host does not wait for it.
  virtual void sum(Device& device, float* values, Index n) const = 0;
  virtual void sum(Device& device, double* values, Index n) const = 0;

  /// The sum of a count over all processes, for a count in host memory.
  virtual Index sum(Index count) const = 0;
};

/// A process that trains alone.
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
