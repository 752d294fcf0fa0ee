#pragma once
// A block of threads. Each thread is a fiber. One of them runs at a time, in an order that the schedule
// decides.

#include <deque>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "memsizer/base/random.hpp"

#include "kernels/emulated/arena.hpp"
#include "kernels/emulated/async_copies.hpp"
#include "kernels/emulated/context.hpp"
#include "kernels/emulated/fault.hpp"
#include "kernels/emulated/fiber.hpp"
#include "kernels/emulated/language.hpp"
#include "kernels/emulated/launch.hpp"
#include "kernels/emulated/named_barriers.hpp"

namespace memsizer::emulated {

class Block {
 public:
  /// The block whose threads run on this host thread, or null.
  static inline constinit thread_local Block* running = nullptr;

  void begin_launch(const LaunchShape& shape, const KernelCall& call, const EmulatedContext& context);
  /// Runs all threads of a block to their end. Returns false if a fault or an exception stopped them.
  bool run(std::size_t number);
  /// Resets the fibers of all threads after run() returned false.
  void abandon();
  std::vector<Fault> take_faults() { return std::exchange(faults_, {}); }
  std::exception_ptr take_exception() { return std::exchange(exception_, nullptr); }

  // The running thread calls these.
  void barrier(const Place& place);
  std::uint64_t warp_operation(const WarpCall& call);
  void named_barrier(const NamedBarrierCall& call, const Place& place);
  /// Stops the launch unless a block may have the static array, too.
  void require_shared_memory(const char* name, std::size_t bytes);
  /// Lets another thread go on if the schedule says so.
  void maybe_switch();
  /// A choice of the schedule; false with seed 0.
  bool draw_one_of_two() { return schedule_.seed != 0 && random_.below(2) == 1; }

  /// A fault with this kernel, block and thread. The caller fills in the rest.
  Fault fault_of_thread(FaultKind kind, std::size_t thread) const;
  /// Whether a fault of this kind on this variable is kept already, or there are too many faults to keep
  /// more.
  bool is_redundant_fault(FaultKind kind, std::string_view variable) const;
  /// Keeps the fault unless it is redundant.
  void report(Fault fault);
  /// Keeps the fault and ends the launch.
  [[noreturn]] void stop(Fault fault);

  std::size_t number() const { return number_; }
  std::size_t current() const { return current_; }
  std::size_t thread_count() const { return threads_.size(); }
  Position thread_position(std::size_t thread) const { return shape_.threads.position(thread); }
  Position block_position(std::size_t block) const { return shape_.blocks.position(block); }
  const LaunchShape& shape() const { return shape_; }
  const KernelCall& call() const { return call_; }
  SharedArena& arena() { return arena_; }
  AsyncCopies& copies() { return copies_; }
  bool on_own_stack(const void* address) const { return fibers_[current_]->stack_holds(address); }

 private:
  enum class State : unsigned char { ready, at_barrier, in_warp, at_named_barrier, finished };
  struct Thread {
    State state = State::ready;
    WarpCall call = {};  // for a thread at a barrier, only the place counts
    std::uint64_t result = 0;
  };
  struct Warp {
    unsigned waiting = 0, finished = 0;  // a bit for each lane; lanes that do not exist count as finished
  };

  // Start, waiting and end of threads (block.cpp).
  static void thread_main();
  void run_thread();
  void finish();
  void make_ready(std::size_t thread);
  Fiber& take_ready();
  void switch_to_next();
  void pass_barrier();
  // Operations of a warp (warp.cpp).
  bool complete(const Warp& warp, const WarpCall& call) const;
  void finish_warp_operation(std::size_t warp, const WarpCall& call);
  std::uint64_t ballot(std::size_t warp, unsigned lanes) const;
  std::uint64_t received(std::size_t warp, unsigned lanes, std::size_t thread);
  // Named barriers (named_barriers.cpp).
  void arrive(std::size_t warp, const WarpCall& call);
  std::string objection(std::size_t warp, const NamedBarrierCall& call) const;
  [[noreturn]] void stop_at_named_barrier(const std::string& details);
  // Faults (block_faults.cpp).
  [[noreturn]] void leave_stopped();
  Fault stuck_fault() const;
  void report_unfinished_copies();
  void report_incomplete_barriers();
  std::string describe_wait(std::size_t thread) const;
  static bool same_place(const Place& a, const Place& b);

  LaunchShape shape_ = {};
  KernelCall call_ = {};
  Schedule schedule_;
  Gpu gpu_ = {};
  RandomStream random_{0};
  std::uint64_t accesses_to_switch_ = 0;

  std::size_t number_ = 0, current_ = 0, at_barrier_ = 0, finished_ = 0;
  bool stopped_ = false;
  std::vector<Thread> threads_;
  std::vector<Position> positions_;  // of all threads: to compute one takes longer than a switch
  std::vector<Warp> warps_;
  std::deque<std::size_t> ready_;
  Fiber main_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  SharedArena arena_;
  AsyncCopies copies_;
  NamedBarriers named_barriers_;
  std::vector<Fault> faults_;
  std::exception_ptr exception_;
};

}  // namespace memsizer::emulated
