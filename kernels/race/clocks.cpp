// Intervals and their order: vector clocks within a warp, a counter of barriers for the block, and vector
// clocks among warps for named barriers.
#include "kernels/race/clocks.hpp"

#include <algorithm>
#include <utility>

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
  known_by_warp_.assign(warp_count(), {});
  std::ranges::fill(at_barrier_, Known{});
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

void Clocks::learn(Known& known, const Known& more) {
  if (known.size() < more.size()) known.resize(more.size());
  std::ranges::transform(more, known, known.begin(), [](auto a, auto b) { return std::max(a, b); });
}

void Clocks::arrive(std::size_t warp, int barrier) {
  Known known = known_by_warp_[warp];
  known.resize(threads_.size());
  const std::size_t first = warp * warp_lanes, end = std::min(first + warp_lanes, threads_.size());
  for (std::size_t thread = first; thread < end; ++thread) {
    known[thread] = ++threads_[thread].clock;
    threads_[thread].interval = 0;
  }
  learn(at_barrier_[static_cast<std::size_t>(barrier)], known);
}

void Clocks::meet(unsigned waiting, int barrier) {
  const Known known = std::exchange(at_barrier_[static_cast<std::size_t>(barrier)], {});
  for (std::size_t thread = 0; thread < threads_.size(); ++thread) {
    const std::size_t warp = thread / warp_lanes, first = warp * warp_lanes;
    if ((waiting >> warp & 1) == 0) continue;
    for (std::size_t lane = 0; lane < warp_lanes && first + lane < known.size(); ++lane)
      threads_[thread].known[lane] = std::max(threads_[thread].known[lane], known[first + lane]);
  }
  for (std::size_t warp = 0; warp < known_by_warp_.size(); ++warp)
    if ((waiting >> warp & 1) != 0) learn(known_by_warp_[warp], known);
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
  const std::size_t warp = thread / warp_lanes;
  if (before.thread / warp_lanes == warp)
    return before.clock < threads_[thread].known[before.thread % warp_lanes];
  return !known_by_warp_[warp].empty() && before.clock < known_by_warp_[warp][before.thread];
}

}  // namespace memsizer::emulated::race
