#pragma once
// The faults of kernels that the emulated device reports.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/base/error.hpp"

#include "kernels/emulated/position.hpp"

namespace memsizer::emulated {

enum class FaultKind {
  divergent_barrier,   // not all threads of a block reach the same barrier
  divergent_warp,      // not all lanes that an operation names reach it
  inactive_lane,       // a lane reads from a lane that takes no part
  data_race,           // two threads of a block access a byte, one of them writes, and no barrier is between
  block_race,          // the same for two blocks, which no barrier can order
  out_of_bounds,       // an access outside every buffer and shared array
  uninitialised_read,  // a read of shared memory that was never written
  misaligned_access,   // an address that an instruction does not take, such as a copy of 16 bytes at 8
  unfinished_copy,     // an asynchronous copy is touched, or its thread ends, and nobody has waited for it
  named_barrier,       // a named barrier that is not there, or at which others come than it waits for
  overwritten_guard,   // an out-of-bounds write, found after the kernel's end
  // A GPU refuses these at the launch.
  too_many_threads,       // more threads in a block than the kernel's launch bound
  too_much_shared_memory  // static and dynamic shared memory together are more than a block may have
};

std::string_view describe(FaultKind kind);

struct Fault {
  FaultKind kind;
  std::string kernel;
  Position block = {}, thread = {};
  std::string variable = {};  // the name of the shared array or buffer, if it is known
  std::ptrdiff_t offset = 0;  // bytes from the variable's beginning
  std::string details = {};

  /// One line: kernel, block, thread, kind, variable and details.
  std::string text() const;
};

/// Thrown after a launch whose kernel did something wrong. It has one fault for each kind and variable, not
/// one for each access.
class KernelFault : public Error {
 public:
  explicit KernelFault(std::vector<Fault> faults);

  const std::vector<Fault>& faults() const { return faults_; }
  bool reports(FaultKind kind) const;

 private:
  std::vector<Fault> faults_;
};

}  // namespace memsizer::emulated
