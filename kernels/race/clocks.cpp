// Intervals and their order: vector clocks within a warp, and a counter of barriers for the block.
#include "kernels/race/clocks.hpp"

#include <algorithm>

namespace memsizer::emulated::race {

void Clocks::begin_launch(std::size_t threads) {
  launch_first_ += static_cast<IntervalId>(intervals_.size());
  intervals_.clear();
  threads_.resize(threads);
}

void Clocks::begin_block(std::size_t block) {
  block_ = static_cast<std::uint32_t>(block);
  epoch_ = 0;
  block_first_ = launch_first_ + static_cast<IntervalId>(intervals_.size());
  std::ranges::fill(threads_, Thread{});
}

void Clocks::pass_barrier() {
  ++epoch_;
  for (Thread& thread : threads_) thread.interval = 0;
}

void Clocks::synchronise_warp(std::size_t warp, unsigned lanes) {
  const std::size_t first = warp * warp_lanes;
  const std::size_t count = std::min(warp_lanes, threads_.size() - first);
  std::array<std::uint32_t, warp_lanes> known{};
  for (std::size_t lane = 0; lane < count; ++lane) {
    if ((lanes >> lane & 1) == 0) continue;
    const Thread& thread = threads_[first + lane];
    std::ranges::transform(known, thread.known, known.begin(), [](auto a, auto b) { return std::max(a, b); });
    known[lane] = thread.clock + 1;
  }
  for (std::size_t lane = 0; lane < count; ++lane) {
    if ((lanes >> lane & 1) == 0) continue;
    Thread& thread = threads_[first + lane];
    thread.known = known;
    ++thread.clock;
    thread.interval = 0;
  }
}

IntervalId Clocks::current(std::size_t thread) {
  Thread& state = threads_[thread];
  if (state.interval == 0) {
    state.interval = launch_first_ + static_cast<IntervalId>(intervals_.size());
    intervals_.push_back({block_, static_cast<std::uint32_t>(thread), epoch_, state.clock});
  }
  return state.interval;
}

bool Clocks::ordered(IntervalId id, std::size_t thread) const {
  const Interval& before = interval(id);
  if (before.block != block_) return false;
  if (before.thread == thread || before.epoch < epoch_) return true;
  return before.thread / warp_lanes == thread / warp_lanes &&
         before.clock < threads_[thread].known[before.thread % warp_lanes];
}

}  // namespace memsizer::emulated::race
