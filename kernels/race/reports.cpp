// The texts of the checker's reports.
#include <tuple>

#include "kernels/race/checker.hpp"
#include "kernels/race/image.hpp"

namespace memsizer::emulated::race {

namespace {

constexpr std::string_view name(Access access) {
  return access == Access::read ? "read" : access == Access::write ? "write" : "atomic";
}

}  // namespace

void Checker::report_race(const Variable& variable, const unsigned char* byte, Access access, Stamp stamp,
                          Access other_access, Stamp other) {
  const Clocks::Interval& before = clocks_.interval(other.interval);
  const bool same_block = before.block == block_->number();
  const FaultKind kind = same_block ? FaultKind::data_race : FaultKind::block_race;
  if (block_->is_redundant_fault(kind, variable.name)) return;
  Fault fault = block_->fault_of_thread(kind, block_->current());
  fault.variable = variable.name;
  fault.offset = byte - variable.begin;
  const std::string whose = to_string(block_->thread_position(before.thread));
  const std::string where = same_block ? "" : " of block " + to_string(block_->block_position(before.block));
  fault.details = concatenate(name(access), " after ", name(other_access), " by thread ", whose, where,
                              same_block ? " with no barrier between" : "",
                              "; lines: ", source_lines_command(stamp.code, other.code));
  block_->report(std::move(fault));
}

void Checker::report_not_there(FaultKind kind, const Variable& variable, const unsigned char* byte,
                               Stamp stamp) {
  if (block_->is_redundant_fault(kind, variable.name)) return;
  Fault fault = block_->fault_of_thread(kind, block_->current());
  fault.variable = variable.name;
  fault.offset = byte - variable.begin;
  fault.details = "line: " + source_lines_command(stamp.code);
  block_->report(std::move(fault));
}

void Checker::stop_out_of_bounds(const void* address, std::size_t bytes, Access access, Stamp stamp) {
  Fault fault = block_->fault_of_thread(FaultKind::out_of_bounds, block_->current());
  std::tie(fault.variable, fault.offset) = nearest_variable(address);
  const std::string where =
      fault.variable.empty() ? concatenate(" at ", address, ", which is no device memory") : "";
  fault.details =
      concatenate(name(access), " of ", bytes, " bytes", where, "; line: ", source_lines_command(stamp.code));
  block_->stop(std::move(fault));
}

/// The name of the variable next to the address, and the address's distance from its beginning. Empty if
/// there is none.
std::pair<std::string, std::ptrdiff_t> Checker::nearest_variable(const void* address) const {
  const auto* byte = static_cast<const unsigned char*>(address);
  if (block_->arena().holds(address))
    if (const SharedSlice* slice = block_->arena().nearest(address))
      return {slice->name, byte - slice->begin};
  if (const Allocation* allocation = Allocations::all().find_beside(address))
    return {allocation->name, byte - allocation->begin};
  return {};
}

}  // namespace memsizer::emulated::race
