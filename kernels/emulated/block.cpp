// The scheduling of a block's threads.
#include "kernels/emulated/block.hpp"

#include <algorithm>

#include "kernels/emulated/asan.hpp"
#include "kernels/emulated/monitor.hpp"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace memsizer::emulated {

namespace {

constexpr std::size_t stack_bytes = (asan::enabled ? 256 : 64) * 1024;

}  // namespace

void Block::begin_launch(const LaunchShape& shape, const KernelCall& call, const EmulatedContext& context) {
  shape_ = shape;
  call_ = call;
  schedule_ = context.schedule;
  gpu_ = context.gpu;
  random_ = RandomStream(mix_keys(schedule_.seed, name_key("threads")));
  accesses_to_switch_ = schedule_.accesses_per_switch;
  blockDim = shape.threads;
  gridDim = shape.blocks;
  threads_.resize(shape.threads.count());
  positions_.resize(threads_.size());
  for (std::size_t thread = 0; thread < threads_.size(); ++thread)
    positions_[thread] = thread_position(thread);
  warps_.resize(static_cast<std::size_t>(divide_up(static_cast<Index>(threads_.size()), warpSize)));
  while (fibers_.size() < threads_.size())
    fibers_.push_back(std::make_unique<Fiber>(&Block::thread_main, stack_bytes));
  if (monitor != nullptr) monitor->launch_begins(*this);
}

bool Block::run(std::size_t number) {
  number_ = number;
  blockIdx = block_position(number);
  at_barrier_ = finished_ = 0;
  std::ranges::fill(threads_, Thread{});
  std::ranges::fill(warps_, Warp{});
  if (const std::size_t in_last = threads_.size() % warpSize; in_last != 0)
    warps_.back().finished = ~0u << in_last;
  arena_.begin_block();
  copies_.begin_block(threads_.size());
  named_barriers_.begin_block(warps_.size());
  if (monitor != nullptr) monitor->block_begins();
  ready_.clear();
  for (std::size_t thread = 0; thread < threads_.size(); ++thread) ready_.push_back(thread);
  main_.switch_to(take_ready());
  if (stopped_) return false;
  report_incomplete_barriers();
  if (const SharedSlice* slice = arena_.changed_guard()) {
    Fault fault = fault_of_thread(FaultKind::overwritten_guard, 0);
    fault.variable = slice->name;
    fault.offset = static_cast<std::ptrdiff_t>(slice->bytes);
    fault.details = concatenate("found when block ", to_string(block_position(number_)), " had ended");
    report(std::move(fault));
  }
  return true;
}

void Block::abandon() {
  for (const auto& fiber : fibers_) fiber->restart();
  stopped_ = false;
}

// A fiber runs forever. It is the thread of its number in one block after another, launch after launch.
void Block::thread_main() {
  for (;;) running->run_thread();
}

void Block::run_thread() {
  try {
    in_kernel_code = true;
    call_.invoke(call_.self);
  } catch (...) {
    exception_ = std::current_exception();
  }
  in_kernel_code = false;
  if (exception_ != nullptr) leave_stopped();
  report_unfinished_copies();
  finish();
}

void Block::finish() {
  const std::size_t warp = current_ / warpSize;
  threads_[current_].state = State::finished;
  ++finished_;
  warps_[warp].finished |= 1u << current_ % warpSize;
  if (warps_[warp].waiting != 0) {
    const auto lane = static_cast<std::size_t>(std::countr_zero(warps_[warp].waiting));
    const WarpCall call = threads_[warp * warpSize + lane].call;
    if (complete(warps_[warp], call)) finish_warp_operation(warp, call);
  }
  if (finished_ == threads_.size())
    fibers_[current_]->switch_to(main_);
  else
    switch_to_next();
}

void Block::make_ready(std::size_t thread) {
  threads_[thread].state = State::ready;
  ready_.push_back(thread);
}

Fiber& Block::take_ready() {
  if (schedule_.seed != 0 && copies_.any_pending()) {
    const auto thread = static_cast<std::size_t>(random_.below(threads_.size()));
    copies_.read_some(thread, random_.next_bits());
  }
  if (schedule_.seed != 0) std::swap(ready_.front(), ready_[random_.below(ready_.size())]);
  current_ = ready_.front();
  ready_.pop_front();
  threadIdx = positions_[current_];
  return *fibers_[current_];
}

void Block::switch_to_next() {
  if (ready_.empty()) stop(stuck_fault());
  Fiber& from = *fibers_[current_];
  Fiber& next = take_ready();
  if (&from != &next) from.switch_to(next);
}

void Block::maybe_switch() {
  if (schedule_.accesses_per_switch == 0 || --accesses_to_switch_ > 0) return;
  accesses_to_switch_ = 1 + random_.below(2 * schedule_.accesses_per_switch - 1);
  make_ready(current_);
  switch_to_next();
}

void Block::barrier(const Place& place) {
  Thread& thread = threads_[current_];
  thread.state = State::at_barrier;
  thread.call.place = place;
  if (named_barriers_.is_begun(0)) stop_at_named_barrier("__syncthreads is barrier 0, to which others come");
  if (++at_barrier_ == threads_.size()) pass_barrier();
  switch_to_next();
}

void Block::pass_barrier() {
  const auto elsewhere = std::ranges::find_if(threads_, [&](const Thread& thread) {
    return !same_place(thread.call.place, threads_[current_].call.place);
  });
  if (elsewhere != threads_.end()) stop(stuck_fault());
  at_barrier_ = 0;
  for (std::size_t thread = 0; thread < threads_.size(); ++thread) make_ready(thread);
  if (monitor != nullptr) monitor->barrier_passed();
}

}  // namespace memsizer::emulated
