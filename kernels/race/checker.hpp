#pragma once
// The race checker sees every memory access of a kernel, and reports those whose result a GPU does not
// define.

#include <string_view>

#include "kernels/emulated/allocations.hpp"
#include "kernels/emulated/block.hpp"
#include "kernels/emulated/monitor.hpp"
#include "kernels/race/shadow.hpp"

namespace memsizer::emulated::race {

enum class Access { read, write, atomic };

class Checker : public Monitor {
 public:
  static Checker& instance();

  void launch_begins(Block& block) override;
  void block_begins() override;
  void barrier_passed() override;
  void warp_synchronised(unsigned warp, unsigned lanes) override;
  void arrived_at_named_barrier(std::size_t warp, int id) override;
  void named_barrier_met(unsigned waiting, int id) override;

  /// The running kernel's current thread touches [address, address + bytes). `code` is the address of the
  /// instruction after the access. May let another thread go on.
  void touch(const void* address, std::size_t bytes, Access access, const void* code);

 private:
  /// A shared array or an allocation.
  struct Variable {
    std::string_view name;
    const unsigned char* begin;
    Cell* cells;             // one for each byte from `begin` on
    IntervalId first_fresh;  // stamps of older intervals mean nothing
    bool shared;
  };

  Checker();
  void check(const Variable& variable, const unsigned char* address, std::size_t bytes, Access access,
             Stamp stamp);
  bool check_byte(const Variable& variable, const unsigned char* byte, Access access, Stamp stamp);
  void note(const Variable& variable, Cell& cell, Access access, Stamp stamp) const;
  void remember(const Variable& variable, Stamp (&pair)[2], Stamp stamp) const;
  int distance(Stamp a, Stamp b) const;
  bool in_conflict(const Variable& variable, Stamp stamp) const;
  Variable shared_variable(const SharedSlice& slice) const;
  Variable global_variable(Allocation& allocation) const;
  bool may_read(const void* address, std::size_t bytes) const;

  void report_race(const Variable& variable, const unsigned char* byte, Access access, Stamp stamp,
                   Access other_access, Stamp other);
  /// An access to bytes that are not there: never written, or of a copy that was not waited for.
  void report_not_there(FaultKind kind, const Variable& variable, const unsigned char* byte, Stamp stamp);
  [[noreturn]] void stop_out_of_bounds(const void* address, std::size_t bytes, Access access, Stamp stamp);
  std::pair<std::string, std::ptrdiff_t> nearest_variable(const void* address) const;

  Block* block_ = nullptr;
  Clocks clocks_;
  Cells shared_cells_;
};

}  // namespace memsizer::emulated::race
