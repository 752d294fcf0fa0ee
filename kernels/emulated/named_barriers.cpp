// Named barriers: who has come, who may go on, and what nobody may ask of them.
#include "kernels/emulated/named_barriers.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "kernels/emulated/block.hpp"
#include "kernels/emulated/monitor.hpp"

namespace memsizer::emulated {

std::string to_string(const NamedBarrierCall& call) {
  return concatenate("barrier ", call.id, " of ", call.threads, " threads");
}

void NamedBarriers::begin_block(std::size_t warps) {
  warps_ = warps;
  barriers_ = {};
}

std::string NamedBarriers::objection(std::size_t warp, const NamedBarrierCall& call) const {
  const std::string name = to_string(call);
  if (call.id < 0 || call.id >= count) return concatenate(name, ": a block has barriers 0 to ", count - 1);
  if (call.threads <= 0 || call.threads % warpSize != 0)
    return concatenate(name, ": warps come as a whole, so the number is a multiple of ", warpSize);
  if (call.threads > static_cast<int>(warps_) * warpSize)
    return concatenate(name, ": the block has ", warps_, " warps");
  const Barrier& barrier = barriers_[static_cast<std::size_t>(call.id)];
  if (barrier.come.all == 0) return "";
  if (barrier.threads != call.threads)
    return concatenate(name, ": others have come to it as one of ", barrier.threads);
  if ((barrier.come.all >> warp & 1) != 0)
    return concatenate(name, ": warp ", warp, " comes again before all others have come");
  return "";
}

std::optional<NamedBarriers::Warps> NamedBarriers::arrive(std::size_t warp, const NamedBarrierCall& call) {
  Barrier& barrier = barriers_[static_cast<std::size_t>(call.id)];
  barrier.threads = call.threads;
  barrier.come.all |= 1u << warp;
  if (call.waits) barrier.come.waiting |= 1u << warp;
  if (std::popcount(barrier.come.all) * warpSize < call.threads) return std::nullopt;
  return std::exchange(barrier, {}).come;
}

std::string NamedBarriers::incomplete() const {
  for (int id = 0; id < count; ++id) {
    const Barrier& barrier = barriers_[static_cast<std::size_t>(id)];
    if (barrier.come.all != 0)
      return concatenate(std::popcount(barrier.come.all), " of ", barrier.threads / warpSize,
                         " warps had come to barrier ", id);
  }
  return "";
}

void Block::named_barrier(const NamedBarrierCall& call, const Place& place) {
  warp_operation(call.of_warp(place));
}

/// All lanes of the warp have come to a named barrier. They go on, or wait until it is met.
void Block::arrive(std::size_t warp, const WarpCall& call) {
  const NamedBarrierCall barrier = NamedBarrierCall::from(call);
  if (const std::string why = objection(warp, barrier); !why.empty()) stop_at_named_barrier(why);
  const std::size_t first = warp * warpSize, end = std::min(first + warpSize, threads_.size());
  for (std::size_t thread = first; thread < end; ++thread)
    if (barrier.waits)
      threads_[thread].state = State::at_named_barrier;
    else
      make_ready(thread);
  if (monitor != nullptr) monitor->arrived_at_named_barrier(warp, barrier.id);
  const auto met = named_barriers_.arrive(warp, barrier);
  if (!met) return;
  for (std::size_t thread = 0; thread < threads_.size(); ++thread)
    if ((met->waiting >> thread / warpSize & 1) != 0) make_ready(thread);
  if (monitor != nullptr) monitor->named_barrier_met(met->waiting, barrier.id);
}

std::string Block::objection(std::size_t warp, const NamedBarrierCall& call) const {
  if (const std::string why = named_barriers_.objection(warp, call); !why.empty()) return why;
  if (call.id == 0 && at_barrier_ > 0) return to_string(call) + ": others wait at it in __syncthreads";
  const std::size_t lanes = std::min<std::size_t>(warpSize, threads_.size() - warp * warpSize);
  const unsigned gone = warps_[warp].finished & ~0u >> (warpSize - lanes);
  if (gone != 0) return concatenate(to_string(call), ": lanes 0x", std::hex, gone, " of the warp have ended");
  return "";
}

void Block::stop_at_named_barrier(const std::string& details) {
  Fault fault = fault_of_thread(FaultKind::named_barrier, current_);
  fault.details = details;
  stop(std::move(fault));
}

}  // namespace memsizer::emulated
