#pragma once
// The register of the emulated device's allocations.

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace memsizer::emulated {

struct Allocation {
  unsigned char* begin;
  std::size_t bytes;
  std::string name;
  void* shadow = nullptr;  // the race checker's notes on each byte
};

/// A guard of `name` was written to, first at `offset` bytes from the allocation's beginning.
struct GuardChange {
  std::string name;
  std::ptrdiff_t offset;
};

class Allocations {
 public:
  static Allocations& all();

  void* add(std::size_t bytes, const std::string& name);
  void remove(void* block);
  /// The allocation that holds the address, or null.
  Allocation* find(const void* address);
  /// The allocation that holds the address or has it in a guard, or null.
  Allocation* find_beside(const void* address);
  template <class Visit>
  void for_each(Visit visit) {
    std::lock_guard lock(mutex_);
    for (auto& [begin, allocation] : by_address_) visit(allocation);
  }
  /// Restores all guards that were written to since the last call, and returns them. Under AddressSanitizer
  /// there are none, because it stops at the write itself.
  std::vector<GuardChange> restore_guards();
  /// Sets a function that is called with each allocation before it is removed.
  void set_on_removal(void (*on_removal)(Allocation&));

 private:
  Allocation* find(const void* address, std::size_t margin);

  std::mutex mutex_;
  std::map<unsigned char*, Allocation> by_address_;
  std::size_t unnamed_ = 0;
  void (*on_removal_)(Allocation&) = nullptr;
};

}  // namespace memsizer::emulated
