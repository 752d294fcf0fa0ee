// Asynchronous copies: their order in each thread, and the bytes that are not there yet.
#include "kernels/emulated/async_copies.hpp"

#include <bit>
#include <cstring>

#include "kernels/emulated/allocations.hpp"
#include "kernels/emulated/block.hpp"
#include "kernels/emulated/monitor.hpp"

namespace memsizer::emulated {

namespace {

constexpr std::size_t copy_bytes = 16;

std::uintptr_t number_of(const void* address) {
  return reinterpret_cast<std::uintptr_t>(address) / copy_bytes;
}

/// Reads the source between a copy's beginning and the wait, as nobody's access. What is no memory of the
/// device is left to the wait, at which the race checker tells of it: then the function returns false.
bool read_between(AsyncCopy& copy) {
  if (copy.inside && Allocations::all().find(copy.global) == nullptr) return false;
  if (copy.inside) std::memcpy(copy.halves, copy.global, copy_bytes);
  return copy.is_read = true;
}

}  // namespace

void AsyncCopies::begin_block(std::size_t threads) {
  threads_.assign(threads, {});
  pending_.clear();
}

void AsyncCopies::begin(std::size_t thread, const AsyncCopy& copy) {
  threads_[thread].open.push_back(copy);
  threads_[thread].unread += copy.is_read ? 0 : 1;
  ++pending_[number_of(copy.shared)];
}

void AsyncCopies::close_group(std::size_t thread) {
  OfThread& own = threads_[thread];
  own.closed.push_back(std::move(own.open));
  own.open.clear();
}

void AsyncCopies::read_some(std::size_t thread, std::uint64_t choice) {
  OfThread& own = threads_[thread];
  const auto read_some_of = [&](std::deque<AsyncCopy>& group) {
    for (AsyncCopy& copy : group) {
      if ((choice & 1) != 0 && !copy.is_read && read_between(copy)) --own.unread;
      choice = std::rotr(choice, 1);
    }
  };
  if (own.unread == 0) return;
  for (std::deque<AsyncCopy>& group : own.closed) read_some_of(group);
  read_some_of(own.open);
}

bool AsyncCopies::take(std::size_t thread, std::size_t pending, AsyncCopy& copy) {
  auto& closed = threads_[thread].closed;
  while (closed.size() > pending && closed.front().empty()) closed.pop_front();
  if (closed.size() <= pending) return false;
  copy = closed.front().front();
  threads_[thread].unread -= copy.is_read ? 0 : 1;
  closed.front().pop_front();
  const auto place = pending_.find(number_of(copy.shared));
  if (--place->second == 0) pending_.erase(place);
  return true;
}

bool AsyncCopies::is_pending(const void* address, std::size_t bytes) const {
  if (pending_.empty()) return false;
  const std::uintptr_t last = number_of(static_cast<const char*>(address) + bytes - 1);
  for (std::uintptr_t number = number_of(address); number <= last; ++number)
    if (pending_.contains(number)) return true;
  return false;
}

std::size_t AsyncCopies::unfinished(std::size_t thread) const {
  std::size_t count = threads_[thread].open.size();
  for (const auto& group : threads_[thread].closed) count += group.size();
  return count;
}

bool copy_reads_at_once() {
  const RuntimeScope runtime;
  return Block::running->draw_one_of_two();
}

void begin_copy(const AsyncCopy& copy) {
  const RuntimeScope runtime;
  Block& block = *Block::running;
  block.copies().begin(block.current(), copy);
}

void close_copies() {
  const RuntimeScope runtime;
  Block& block = *Block::running;
  block.copies().close_group(block.current());
}

bool take_copy(std::size_t pending, AsyncCopy& copy) {
  const RuntimeScope runtime;
  Block& block = *Block::running;
  return block.copies().take(block.current(), pending, copy);
}

}  // namespace memsizer::emulated
