#pragma once
// Copies from global to shared memory that a thread has begun and may not have waited for.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace memsizer::emulated {

/// A copy of 16 bytes. If it is not `inside`, zeros go to shared memory, and global memory is not read.
struct AsyncCopy {
  void* shared = nullptr;
  const void* global = nullptr;
  bool inside = false;
  bool is_read = false;  // whether the next member has what the source held
  std::uint64_t halves[2] = {};
};

/// The copies of a block's threads. A GPU copies at some moment between a copy's beginning and the end of the
/// wait for it. Here a copy reads its source at a moment that the schedule draws: at its beginning, when
/// threads take turns, or at the end of the wait. It writes at the end of the wait, since bytes that came
/// early would hide that a kernel does not wait; those of its target count as pending from its beginning on.
class AsyncCopies {
 public:
  void begin_block(std::size_t threads);

  void begin(std::size_t thread, const AsyncCopy& copy);
  /// The thread's copies since the last call form a group.
  void close_group(std::size_t thread);
  /// Reads the sources of some of the thread's copies: each copy reads if its bit of `choice` is set.
  void read_some(std::size_t thread, std::uint64_t choice);
  /// Takes the oldest copy of the thread, unless at most `pending` closed groups are left.
  bool take(std::size_t thread, std::size_t pending, AsyncCopy& copy);

  /// Whether there is a copy that was begun and not taken.
  bool any_pending() const { return !pending_.empty(); }
  /// Whether one of the bytes belongs to a copy that was begun and not taken.
  bool is_pending(const void* address, std::size_t bytes) const;
  /// The number of the thread's copies that were begun and not taken.
  std::size_t unfinished(std::size_t thread) const;

 private:
  struct OfThread {
    std::deque<std::deque<AsyncCopy>> closed;
    std::deque<AsyncCopy> open;
    int unread = 0;  // how many of both have not read their source
  };

  std::vector<OfThread> threads_;
  std::unordered_map<std::uintptr_t, int> pending_;  // by the number of the 16 bytes
};

// The running thread calls these.
/// Whether the next copy reads its source at once. With seed 0 none does.
bool copy_reads_at_once();
void begin_copy(const AsyncCopy& copy);
void close_copies();
bool take_copy(std::size_t pending, AsyncCopy& copy);

}  // namespace memsizer::emulated
