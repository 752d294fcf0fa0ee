// How a block reports faults and stops a launch.
#include <algorithm>
#include <map>

#include "kernels/emulated/allocations.hpp"
#include "kernels/emulated/block.hpp"
#include "kernels/emulated/monitor.hpp"

namespace memsizer::emulated {

namespace {

constexpr std::size_t most_faults = 16;

std::string_view file_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::string_view describe(WarpOperation operation) {
  switch (operation) {
    case WarpOperation::shuffle:
      return "shuffle";
    case WarpOperation::ballot:
      return "ballot";
    case WarpOperation::gather:
      return "a matrix operation";
    case WarpOperation::barrier:
      return "__syncwarp";
    case WarpOperation::named_barrier:
      return "a named barrier";
  }
  return "warp operation";
}

}  // namespace

bool Block::same_place(const Place& a, const Place& b) {
  return a.line == b.line && (a.file == b.file || std::string_view(a.file) == b.file);
}

std::string Block::describe_wait(std::size_t thread) const {
  const auto& [state, call, result] = threads_[thread];
  const std::string place = concatenate(file_name(call.place.file), ":", call.place.line);
  switch (state) {
    case State::at_barrier:
      return "__syncthreads at " + place;
    case State::in_warp:
      return concatenate(describe(call.operation), " of lanes 0x", std::hex, call.lanes, " at ", place);
    case State::at_named_barrier:
      return concatenate(to_string(NamedBarrierCall::from(call)), " at ", place);
    case State::finished:
      return "the kernel's end";
    case State::ready:
      break;
  }
  return "work";
}

Fault Block::fault_of_thread(FaultKind kind, std::size_t thread) const {
  return {.kind = kind,
          .kernel = shape_.kernel,
          .block = block_position(number_),
          .thread = thread_position(thread)};
}

bool Block::is_redundant_fault(FaultKind kind, std::string_view variable) const {
  return faults_.size() >= most_faults || std::ranges::any_of(faults_, [&](const Fault& fault) {
           return fault.kind == kind && fault.variable == variable;
         });
}

void Block::report(Fault fault) {
  if (!is_redundant_fault(fault.kind, fault.variable)) faults_.push_back(std::move(fault));
}

void Block::stop(Fault fault) {
  report(std::move(fault));
  leave_stopped();
}

void Block::leave_stopped() {
  stopped_ = true;
  fibers_[current_]->switch_to(main_);
  __builtin_unreachable();
}

/// The fault of a block in which no thread can go on. It says how many threads wait at which place.
Fault Block::stuck_fault() const {
  // For each place where threads wait: the first thread, and how many there are.
  std::map<std::string, std::pair<std::size_t, std::size_t>> groups;
  bool in_warp = false, at_named = false;
  std::size_t first_waiting = threads_.size();
  for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
    ++groups.try_emplace(describe_wait(thread), thread, 0).first->second.second;
    in_warp = in_warp || threads_[thread].state == State::in_warp;
    at_named = at_named || threads_[thread].state == State::at_named_barrier;
    if (threads_[thread].state != State::finished) first_waiting = std::min(first_waiting, thread);
  }
  // If there is a warp operation that never ends, the threads at a barrier wait for its threads.
  Fault fault = fault_of_thread(in_warp    ? FaultKind::divergent_warp
                                : at_named ? FaultKind::named_barrier
                                           : FaultKind::divergent_barrier,
                                first_waiting);
  for (const auto& [wait, group] : groups)
    fault.details += concatenate(fault.details.empty() ? "" : ", ", group.second, " threads from ",
                                 to_string(thread_position(group.first)), " on are at ", wait);
  return fault;
}

void require_alignment(const void* address, std::size_t alignment, const char* instruction) {
  if (reinterpret_cast<std::uintptr_t>(address) % alignment == 0) return;
  const RuntimeScope runtime;
  Block& block = *Block::running;
  Fault fault = block.fault_of_thread(FaultKind::misaligned_access, block.current());
  const auto* const byte = static_cast<const unsigned char*>(address);
  if (const SharedSlice* slice = block.arena().find(address)) {
    fault.variable = slice->name;
    fault.offset = byte - slice->begin;
  } else if (const Allocation* allocation = Allocations::all().find(address)) {
    fault.variable = allocation->name;
    fault.offset = byte - allocation->begin;
  }
  fault.details =
      concatenate(instruction, " takes an address at a multiple of ", alignment, ", got ", address);
  block.stop(std::move(fault));
}

/// A thread that ends must have waited for its copies: nobody can use them any more.
void Block::report_unfinished_copies() {
  const std::size_t count = copies_.unfinished(current_);
  if (count == 0 || is_redundant_fault(FaultKind::unfinished_copy, "")) return;
  Fault fault = fault_of_thread(FaultKind::unfinished_copy, current_);
  fault.details = concatenate("the thread ends with ", count, " copies for which it did not wait");
  report(std::move(fault));
}

/// When a block ends, its named barriers are as they were: all warps that were to come have come.
void Block::report_incomplete_barriers() {
  const std::string incomplete = named_barriers_.incomplete();
  if (incomplete.empty()) return;
  Fault fault = fault_of_thread(FaultKind::named_barrier, 0);
  fault.details = incomplete + " when the block had ended";
  report(std::move(fault));
}

/// Static arrays and the launch's dynamic memory must fit into what a block has. A launch with more than
/// 48 KB of dynamic memory asks the GPU for all that it has, and others have 48 KB.
void Block::require_shared_memory(const char* name, std::size_t bytes) {
  constexpr std::size_t always_allowed = 48 * 1024;
  const std::size_t all_static = arena_.static_bytes() + bytes, dynamic = shape_.shared_bytes;
  const std::size_t most = dynamic > always_allowed ? gpu_.most_shared_bytes : always_allowed;
  if (all_static <= always_allowed && all_static + dynamic <= most) return;
  Fault fault = fault_of_thread(FaultKind::too_much_shared_memory, current_);
  fault.details =
      concatenate("with ", name, ", static arrays have ", all_static, " bytes, beside ", dynamic,
                  " of dynamic memory; at most ", always_allowed, " are static, and ", most, " together");
  stop(std::move(fault));
}

}  // namespace memsizer::emulated
