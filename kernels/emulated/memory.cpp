// Allocations between guards, and their register.
#include "kernels/emulated/memory.hpp"

#include <algorithm>
#include <cstdlib>

#include "kernels/emulated/allocations.hpp"
#include "kernels/emulated/asan.hpp"

namespace memsizer::emulated {

namespace {

constexpr std::size_t guard_bytes = 256;
constexpr unsigned char guard_value = 0xA5;

void set_guards(const Allocation& allocation) {
  std::memset(allocation.begin - guard_bytes, guard_value, guard_bytes);
  std::memset(allocation.begin + allocation.bytes, guard_value, guard_bytes);
  asan::poison(allocation.begin - guard_bytes, guard_bytes);
  asan::poison(allocation.begin + allocation.bytes, guard_bytes);
}

const unsigned char* first_change(const unsigned char* guard) {
  const auto* changed =
      std::find_if(guard, guard + guard_bytes, [](unsigned char c) { return c != guard_value; });
  return changed == guard + guard_bytes ? nullptr : changed;
}

}  // namespace

Allocations& Allocations::all() {
  // Never destroyed, because devices release memory when the program ends.
  static Allocations& allocations = *new Allocations;
  return allocations;
}

void* Allocations::add(std::size_t bytes, const std::string& name) {
  // Sanitizers end the program if somewhat more than this is allocated.
  constexpr std::size_t largest = std::size_t{1} << 39;
  const std::size_t whole = (bytes + 3 * guard_bytes - 1) / guard_bytes * guard_bytes;
  auto* memory =
      static_cast<unsigned char*>(bytes <= largest ? std::aligned_alloc(guard_bytes, whole) : nullptr);
  if (memory == nullptr)
    throw SystemError(concatenate("emulated device: out of memory, ", bytes, " bytes asked for"));
  Allocation allocation{memory + guard_bytes, bytes, name};
  set_guards(allocation);
  std::lock_guard lock(mutex_);
  if (name.empty()) allocation.name = concatenate("buffer ", ++unnamed_, " of ", bytes, " bytes");
  by_address_.emplace(allocation.begin, std::move(allocation));
  return memory + guard_bytes;
}

void Allocations::remove(void* block) {
  std::lock_guard lock(mutex_);
  const auto found = by_address_.find(static_cast<unsigned char*>(block));
  require(found != by_address_.end(), "emulated device: release of memory that it never gave");
  unsigned char* begin = found->second.begin - guard_bytes;
  asan::unpoison(begin, found->second.bytes + 2 * guard_bytes);
  if (on_removal_ != nullptr) on_removal_(found->second);
  by_address_.erase(found);
  std::free(begin);
}

Allocation* Allocations::find(const void* address) {
  return find(address, 0);
}
Allocation* Allocations::find_beside(const void* address) {
  return find(address, guard_bytes);
}

Allocation* Allocations::find(const void* address, std::size_t margin) {
  std::lock_guard lock(mutex_);
  const auto* byte = static_cast<const unsigned char*>(address);
  auto after = by_address_.upper_bound(const_cast<unsigned char*>(byte) + margin);
  if (after == by_address_.begin()) return nullptr;
  Allocation& candidate = std::prev(after)->second;
  return byte < candidate.begin + candidate.bytes + margin ? &candidate : nullptr;
}

std::vector<GuardChange> Allocations::restore_guards() {
  std::vector<GuardChange> changes;
  if (asan::enabled) return changes;
  std::lock_guard lock(mutex_);
  for (const auto& [begin, allocation] : by_address_) {
    const unsigned char* changed = first_change(begin - guard_bytes);
    if (changed == nullptr) changed = first_change(begin + allocation.bytes);
    if (changed == nullptr) continue;
    changes.push_back({allocation.name, changed - begin});
    set_guards(allocation);
  }
  return changes;
}

void Allocations::set_on_removal(void (*on_removal)(Allocation&)) {
  on_removal_ = on_removal;
}

void* allocate(Index bytes, const std::string& name) {
  require(bytes >= 0, "emulated device: allocation of ", bytes, " bytes");
  return Allocations::all().add(static_cast<std::size_t>(bytes), name);
}

void release(void* block) {
  if (block != nullptr) Allocations::all().remove(block);
}

}  // namespace memsizer::emulated
