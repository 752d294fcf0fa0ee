// The texts of faults.
#include "kernels/emulated/fault.hpp"

#include <algorithm>

namespace memsizer::emulated {

std::string_view describe(FaultKind kind) {
  switch (kind) {
    case FaultKind::divergent_barrier:
      return "barrier that not all threads of the block reach";
    case FaultKind::divergent_warp:
      return "warp operation that not all its lanes reach";
    case FaultKind::inactive_lane:
      return "value read from a lane that takes no part";
    case FaultKind::data_race:
      return "data race in a block";
    case FaultKind::block_race:
      return "data race between blocks";
    case FaultKind::out_of_bounds:
      return "access out of bounds";
    case FaultKind::uninitialised_read:
      return "read of shared memory that was never written";
    case FaultKind::misaligned_access:
      return "misaligned address";
    case FaultKind::unfinished_copy:
      return "asynchronous copy that was not waited for";
    case FaultKind::named_barrier:
      return "named barrier that is not met";
    case FaultKind::overwritten_guard:
      return "write out of bounds";
    case FaultKind::too_many_threads:
      return "more threads than the launch bound";
    case FaultKind::too_much_shared_memory:
      return "more shared memory than a block may have";
  }
  return "fault";
}

/// Whether a fault is that of a thread, and not of the whole launch.
static bool is_of_thread(FaultKind kind) {
  return kind != FaultKind::overwritten_guard && kind != FaultKind::too_many_threads &&
         kind != FaultKind::too_much_shared_memory;
}

std::string Fault::text() const {
  std::string text = "kernel " + kernel;
  if (is_of_thread(kind)) text += concatenate(", block ", to_string(block), ", thread ", to_string(thread));
  text += concatenate(": ", describe(kind));
  if (!variable.empty()) text += concatenate(", ", variable, " + ", offset, " bytes");
  if (!details.empty()) text += ": " + details;
  return text;
}

static std::string join(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += (text.empty() ? "" : "\n") + fault.text();
  return text;
}

KernelFault::KernelFault(std::vector<Fault> faults) : Error(join(faults)), faults_(std::move(faults)) {}

bool KernelFault::reports(FaultKind kind) const {
  return std::ranges::any_of(faults_, [=](const Fault& fault) { return fault.kind == kind; });
}

}  // namespace memsizer::emulated
