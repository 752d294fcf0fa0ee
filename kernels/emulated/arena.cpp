// Shared arrays with guards between them.
#include "kernels/emulated/arena.hpp"

#include <algorithm>

#include "memsizer/base/error.hpp"

#include "kernels/emulated/asan.hpp"

namespace memsizer::emulated {

namespace {

constexpr std::size_t guard_bytes = 64;
constexpr unsigned char guard_value = 0x5A;
// As a floating-point number of any width this is NaN, so a kernel that reads memory before it is written has
// NaNs in its results.
constexpr unsigned char fresh_value = 0xFF;

}  // namespace

SharedArena::SharedArena() : memory_(new unsigned char[total_bytes]) {
  begin_block();
}
SharedArena::~SharedArena() {
  asan::unpoison(memory_.get(), total_bytes);
}

void SharedArena::begin_block() {
  slices_.clear();
  used_ = static_bytes_ = 0;
  asan::poison(memory_.get(), total_bytes);
}

void* SharedArena::made_for(const void* declaration) const {
  const auto found = std::ranges::find(slices_, declaration, &SharedSlice::declaration);
  return found == slices_.end() ? nullptr : found->begin;
}

void* SharedArena::static_slice(const void* declaration, const char* name, std::size_t bytes,
                                std::size_t alignment) {
  static_bytes_ += bytes;
  return cut({declaration, name, nullptr, bytes}, alignment);
}

void* SharedArena::dynamic_slice(const char* name, std::size_t bytes, std::size_t alignment) {
  static constexpr char declaration = 0;  // all dynamic arrays of a kernel are the same memory
  if (void* made = made_for(&declaration)) return made;
  return cut({&declaration, name, nullptr, bytes}, alignment);
}

void* SharedArena::cut(const SharedSlice& wanted, std::size_t alignment) {
  unsigned char* free = memory_.get() + used_;
  void* begin = free + guard_bytes;
  std::size_t left = total_bytes - used_ - guard_bytes;
  require(left < total_bytes &&
              std::align(std::max<std::size_t>(alignment, 16), wanted.bytes + guard_bytes, begin, left),
          "shared array ", wanted.name, ": too many small arrays");
  SharedSlice slice = wanted;
  slice.begin = static_cast<unsigned char*>(begin);
  unsigned char* end = slice.begin + slice.bytes;
  asan::unpoison(free, static_cast<std::size_t>(end + guard_bytes - free));
  std::fill(free, slice.begin, guard_value);
  std::fill(slice.begin, end, fresh_value);
  std::fill(end, end + guard_bytes, guard_value);
  asan::poison(free, static_cast<std::size_t>(slice.begin - free));
  asan::poison(end, guard_bytes);
  used_ = static_cast<std::size_t>(end + guard_bytes - memory_.get());
  slices_.push_back(slice);
  return slice.begin;
}

const SharedSlice* SharedArena::changed_guard() const {
  if (asan::enabled) return nullptr;
  const auto intact = [](const unsigned char* guard) {
    return std::all_of(guard, guard + guard_bytes, [](unsigned char c) { return c == guard_value; });
  };
  for (const SharedSlice& slice : slices_)
    if (!intact(slice.begin - guard_bytes) || !intact(slice.begin + slice.bytes)) return &slice;
  return nullptr;
}

bool SharedArena::holds(const void* address) const {
  const auto* byte = static_cast<const unsigned char*>(address);
  return byte >= memory_.get() && byte < memory_.get() + total_bytes;
}

const SharedSlice* SharedArena::find(const void* address) const {
  const auto* byte = static_cast<const unsigned char*>(address);
  for (const SharedSlice& slice : slices_)
    if (byte >= slice.begin && byte < slice.begin + slice.bytes) return &slice;
  return nullptr;
}

const SharedSlice* SharedArena::nearest(const void* address) const {
  const auto* byte = static_cast<const unsigned char*>(address);
  const auto distance = [=](const SharedSlice& slice) {
    return byte < slice.begin ? slice.begin - byte : byte - (slice.begin + slice.bytes);
  };
  const auto found = std::ranges::min_element(slices_, {}, distance);
  return found == slices_.end() ? nullptr : &*found;
}

}  // namespace memsizer::emulated
