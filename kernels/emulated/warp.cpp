// Operations in which the lanes of a warp meet: shuffle, ballot, barrier, gather. The last lane to arrive
// computes what each lane receives, so the order in which lanes arrive does not matter.
#include <bit>

#include "kernels/emulated/block.hpp"
#include "kernels/emulated/monitor.hpp"

namespace memsizer::emulated {

namespace {

constexpr std::size_t warp_lanes = warpSize;

template <class Visit>
void for_each_lane(unsigned lanes, Visit visit) {
  for (; lanes != 0; lanes &= lanes - 1) visit(static_cast<std::size_t>(std::countr_zero(lanes)));
}

}  // namespace

std::uint64_t Block::warp_operation(const WarpCall& call) {
  const std::size_t warp = current_ / warp_lanes, me = current_;
  const unsigned own_bit = 1u << me % warp_lanes;
  threads_[me].call = call;
  if ((call.lanes & own_bit) == 0) {
    Fault fault = fault_of_thread(FaultKind::divergent_warp, me);
    fault.details = concatenate("the calling lane is not among the lanes it names, 0x", std::hex, call.lanes);
    stop(std::move(fault));
  }
  threads_[me].state = State::in_warp;
  warps_[warp].waiting |= own_bit;
  if (complete(warps_[warp], call)) finish_warp_operation(warp, call);
  switch_to_next();
  return threads_[me].result;
}

/// Whether all lanes of the call wait in this same operation. Lanes whose thread has ended do not count.
bool Block::complete(const Warp& warp, const WarpCall& call) const {
  const unsigned lanes = call.lanes & ~warp.finished;
  if ((lanes & ~warp.waiting) != 0) return false;
  const std::size_t first = static_cast<std::size_t>(&warp - warps_.data()) * warp_lanes;
  bool same = true;
  for_each_lane(lanes, [&](std::size_t lane) {
    const WarpCall& other = threads_[first + lane].call;
    same = same && other.operation == call.operation && other.lanes == call.lanes &&
           (call.operation != WarpOperation::named_barrier ||
            (other.value == call.value && other.source == call.source)) &&
           same_place(other.place, call.place);
  });
  return same;
}

void Block::finish_warp_operation(std::size_t warp, const WarpCall& call) {
  const unsigned lanes = call.lanes & ~warps_[warp].finished;
  if (call.operation == WarpOperation::named_barrier) {
    warps_[warp].waiting &= ~lanes;
    arrive(warp, call);
    return;
  }
  const std::size_t first = warp * warp_lanes;
  const std::uint64_t votes = ballot(warp, lanes);
  for_each_lane(lanes, [&](std::size_t lane) {
    const bool is_shuffle = call.operation == WarpOperation::shuffle;
    threads_[first + lane].result = is_shuffle ? received(warp, lanes, first + lane) : votes;
    for (std::size_t other = 0; threads_[first + lane].call.gathered != nullptr && other < warp_lanes;
         ++other)
      threads_[first + lane].call.gathered[other] = threads_[first + other].call.value;
  });
  for_each_lane(lanes, [&](std::size_t lane) { make_ready(first + lane); });
  warps_[warp].waiting &= ~lanes;
  if (call.operation == WarpOperation::barrier && monitor != nullptr)
    monitor->warp_synchronised(static_cast<unsigned>(warp), lanes);
}

std::uint64_t Block::ballot(std::size_t warp, unsigned lanes) const {
  std::uint64_t votes = 0;
  for_each_lane(lanes, [&](std::size_t lane) {
    if (threads_[warp * warp_lanes + lane].call.value != 0) votes |= std::uint64_t{1} << lane;
  });
  return votes;
}

std::uint64_t Block::received(std::size_t warp, unsigned lanes, std::size_t thread) {
  const int source = threads_[thread].call.source;
  if (source >= 0 && source < warpSize && (lanes >> source & 1) != 0)
    return threads_[warp * warp_lanes + static_cast<std::size_t>(source)].call.value;
  Fault fault = fault_of_thread(FaultKind::inactive_lane, thread);
  fault.details = concatenate("lane ", source, " at ", describe_wait(thread));
  stop(std::move(fault));
}

}  // namespace memsizer::emulated
