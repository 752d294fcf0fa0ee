// The rules: which accesses conflict, and what the checker remembers of each access.
#include "kernels/race/checker.hpp"

#include "kernels/race/image.hpp"

namespace memsizer::emulated::race {

Checker& Checker::instance() {
  // Never destroyed, because instrumented code runs until the program's very end.
  static Checker& checker = *new Checker;
  return checker;
}

Checker::Checker() {
  Allocations::all().set_on_removal([](Allocation& allocation) { FreeMemory()(allocation.shadow); });
}

void Checker::launch_begins(Block& block) {
  block_ = &block;
  if (clocks_.nearly_exhausted()) {
    clocks_.restart_numbers();
    shared_cells_.reset();
    Allocations::all().for_each([](Allocation& allocation) {
      FreeMemory()(allocation.shadow);
      allocation.shadow = nullptr;
    });
  }
  clocks_.begin_launch(block.thread_count());
  if (shared_cells_ == nullptr) shared_cells_ = make_cells(SharedArena::total_bytes);
}

void Checker::block_begins() {
  clocks_.begin_block(block_->number());
}
void Checker::barrier_passed() {
  clocks_.pass_barrier();
}
void Checker::warp_synchronised(unsigned warp, unsigned lanes) {
  clocks_.synchronise_warp(warp, lanes);
}

void Checker::arrived_at_named_barrier(std::size_t warp, int id) {
  clocks_.arrive(warp, id);
}
void Checker::named_barrier_met(unsigned waiting, int id) {
  clocks_.meet(waiting, id);
}

void Checker::touch(const void* address, std::size_t bytes, Access access, const void* code) {
  if (block_->on_own_stack(address)) return;
  const auto* begin = static_cast<const unsigned char*>(address);
  const Stamp stamp{clocks_.current(block_->current()), code_number(code)};
  if (block_->arena().holds(address)) {
    const SharedSlice* slice = block_->arena().find(address);
    if (slice == nullptr || begin + bytes > slice->begin + slice->bytes)
      stop_out_of_bounds(address, bytes, access, stamp);
    check(shared_variable(*slice), begin, bytes, access, stamp);
    if (block_->copies().is_pending(address, bytes))
      report_not_there(FaultKind::unfinished_copy, shared_variable(*slice), begin, stamp);
  } else if (Allocation* allocation = Allocations::all().find(address)) {
    if (begin + bytes > allocation->begin + allocation->bytes)
      stop_out_of_bounds(address, bytes, access, stamp);
    check(global_variable(*allocation), begin, bytes, access, stamp);
  } else if (access != Access::read || !may_read(address, bytes)) {
    stop_out_of_bounds(address, bytes, access, stamp);
  }
  block_->maybe_switch();
}

/// Besides device memory, a kernel may read its arguments, constants and the built-in variables.
bool Checker::may_read(const void* address, std::size_t bytes) const {
  const auto* begin = static_cast<const char*>(address);
  const auto* arguments = static_cast<const char*>(block_->call().self);
  return (begin >= arguments && begin + bytes <= arguments + block_->call().bytes) ||
         in_program(address, bytes);
}

Checker::Variable Checker::shared_variable(const SharedSlice& slice) const {
  Cell* cells = shared_cells_.get() + (slice.begin - block_->arena().begin());
  return {slice.name, slice.begin, cells, clocks_.block_first(), true};
}

Checker::Variable Checker::global_variable(Allocation& allocation) const {
  if (allocation.shadow == nullptr) allocation.shadow = make_cells(allocation.bytes).release();
  return {allocation.name, allocation.begin, static_cast<Cell*>(allocation.shadow), clocks_.launch_first(),
          false};
}

void Checker::check(const Variable& variable, const unsigned char* address, std::size_t bytes, Access access,
                    Stamp stamp) {
  bool clean = true;  // one report for an access is enough
  for (const unsigned char* byte = address; byte < address + bytes; ++byte) {
    clean = clean && check_byte(variable, byte, access, stamp);
    note(variable, variable.cells[byte - variable.begin], access, stamp);
  }
}

bool Checker::check_byte(const Variable& variable, const unsigned char* byte, Access access, Stamp stamp) {
  const Cell& cell = variable.cells[byte - variable.begin];
  const bool written =
      cell.write.interval >= variable.first_fresh || cell.atomics[0].interval >= variable.first_fresh;
  if (variable.shared && access != Access::write && !written) {
    report_not_there(FaultKind::uninitialised_read, variable, byte, stamp);
    return false;
  }
  const auto race_with = [&](Access other_access, Stamp other) {
    if (!in_conflict(variable, other)) return false;
    report_race(variable, byte, access, stamp, other_access, other);
    return true;
  };
  if (race_with(Access::write, cell.write)) return false;
  if (access != Access::read)
    for (const Stamp& read : cell.reads)
      if (race_with(Access::read, read)) return false;
  if (access != Access::atomic)
    for (const Stamp& atomic : cell.atomics)
      if (race_with(Access::atomic, atomic)) return false;
  return true;
}

bool Checker::in_conflict(const Variable& variable, Stamp stamp) const {
  return stamp.interval >= variable.first_fresh && !clocks_.ordered(stamp.interval, block_->current());
}

void Checker::note(const Variable& variable, Cell& cell, Access access, Stamp stamp) const {
  switch (access) {
    case Access::write:
      cell.write = stamp;
      break;
    case Access::read:
      remember(variable, cell.reads, stamp);
      break;
    case Access::atomic:
      remember(variable, cell.atomics, stamp);
      break;
  }
}

/// An access that is ordered before this one is forgotten, because a later access that is unordered with the
/// old one is unordered with this one, too.
void Checker::remember(const Variable& variable, Stamp (&pair)[2], Stamp stamp) const {
  if (!in_conflict(variable, pair[0]))
    pair[0] = stamp;
  else if (!in_conflict(variable, pair[1]) || distance(pair[0], stamp) >= distance(pair[0], pair[1]))
    pair[1] = stamp;
}

/// 0 for two threads of a warp, 1 for two warps of a block, 2 for two blocks.
int Checker::distance(Stamp a, Stamp b) const {
  const auto &x = clocks_.interval(a.interval), &y = clocks_.interval(b.interval);
  if (x.block != y.block) return 2;
  return x.thread / Clocks::warp_lanes == y.thread / Clocks::warp_lanes ? 0 : 1;
}

}  // namespace memsizer::emulated::race
