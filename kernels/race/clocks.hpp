#pragma once
// The order of events. A thread's run is cut into intervals: each synchronisation ends one. Within a block,
// an interval is ordered before an interval of another thread if there is a barrier between them, or a
// __syncwarp in which both threads take part, or a named barrier to which the first thread has come and for
// which the other has waited, or a chain of these. Blocks are never ordered.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace memsizer::emulated::race {

/// The number of an interval. Numbers go up over all launches; 0 is no interval.
using IntervalId = std::uint32_t;

class Clocks {
 public:
  struct Interval {
    std::uint32_t block, thread;
    std::uint32_t epoch;  // how many barriers the block had passed
    std::uint32_t clock;  // how many __syncwarps and named barriers the thread had come to in this block
  };

  void begin_launch(std::size_t threads);
  void begin_block(std::size_t block);
  void pass_barrier();
  void synchronise_warp(std::size_t warp, unsigned lanes);
  /// The warp has come to a named barrier.
  void arrive(std::size_t warp, int barrier);
  /// All have come. The warps that wait, as bits, go on.
  void meet(unsigned waiting, int barrier);

  /// The interval that the thread is in now.
  IntervalId current(std::size_t thread);
  /// Whether an interval of this launch is ordered before what `thread` does now.
  bool ordered(IntervalId id, std::size_t thread) const;
  const Interval& interval(IntervalId id) const { return intervals_[id - launch_first_]; }

  IntervalId launch_first() const { return launch_first_; }
  IntervalId block_first() const { return block_first_; }
  /// Whether few numbers are left. Then the checker forgets all intervals and starts again at 1.
  bool nearly_exhausted() const { return launch_first_ > 0xC0000000u; }
  void restart_numbers() { *this = Clocks(); }

  static constexpr std::size_t warp_lanes = 32;

 private:
  struct Thread {
    IntervalId interval = 0;  // 0: not made yet
    std::uint32_t clock = 0;
    /// For each lane of the warp, its first clock that is not known to be ordered before this thread.
    std::array<std::uint32_t, warp_lanes> known{};
  };

  /// For each thread of the block, its first clock that is not known to be ordered before something; empty if
  /// nothing is known of any.
  using Known = std::vector<std::uint32_t>;

  static void learn(Known& known, const Known& more);
  std::size_t warp_count() const { return (threads_.size() + warp_lanes - 1) / warp_lanes; }

  std::vector<Interval> intervals_;
  std::vector<Thread> threads_;
  /// What each warp knows of other warps. Its lanes wait at a named barrier together, so they know the same.
  std::vector<Known> known_by_warp_;
  /// What those know that have come to each named barrier.
  std::array<Known, 16> at_barrier_;
  IntervalId launch_first_ = 1, block_first_ = 1;
  std::uint32_t block_ = 0, epoch_ = 0;
};

}  // namespace memsizer::emulated::race
