// Launches, and the runtime functions that kernels call.
#include "kernels/emulated/machine.hpp"

#include <mutex>
#include <numeric>

#include "kernels/emulated/allocations.hpp"
#include "kernels/emulated/monitor.hpp"

namespace memsizer::emulated {

namespace {

// Limits that every CUDA device has (CUDA C++ Programming Guide, compute capabilities).
constexpr std::size_t most_threads = 1024;
constexpr std::size_t most_blocks_x = 2147483647, most_blocks_yz = 65535;

void check_shape(const LaunchShape& shape) {
  const auto [bx, by, bz] = shape.blocks;
  const auto [tx, ty, tz] = shape.threads;
  const std::size_t threads = shape.threads.count();
  require(shape.blocks.count() > 0 && bx <= most_blocks_x && by <= most_blocks_yz && bz <= most_blocks_yz,
          "kernel ", shape.kernel, ": no GPU takes a grid of ", bx, " x ", by, " x ", bz, " blocks");
  require(threads > 0 && threads <= most_threads && tz <= 64, "kernel ", shape.kernel,
          ": no GPU takes a block of ", tx, " x ", ty, " x ", tz, " threads");
}

/// What a GPU refuses because of the kernel, and not because of the shape alone.
void check_limits(const LaunchShape& shape, const Gpu& gpu) {
  const auto refuse = [&](FaultKind kind, const std::string& details) {
    throw KernelFault(std::vector<Fault>{{.kind = kind, .kernel = shape.kernel, .details = details}});
  };
  const std::size_t threads = shape.threads.count();
  if (shape.most_threads != 0 && threads > shape.most_threads)
    refuse(FaultKind::too_many_threads,
           concatenate(threads, " threads in a block, and the launch bound is ", shape.most_threads));
  if (shape.shared_bytes > gpu.most_shared_bytes)
    refuse(FaultKind::too_much_shared_memory,
           concatenate(shape.shared_bytes, " bytes of dynamic memory asked for, and ", gpu.most_shared_bytes,
                       " are the most on ", gpu.name));
}

class RunningBlock {
 public:
  explicit RunningBlock(Block& block) { Block::running = &block; }
  RunningBlock(const RunningBlock&) = delete;
  RunningBlock& operator=(const RunningBlock&) = delete;
  ~RunningBlock() { Block::running = nullptr; }
};

Block& running_block(const char* what) {
  require(Block::running != nullptr, what, " called outside a kernel");
  return *Block::running;
}

}  // namespace

Machine& Machine::of_this_thread() {
  static thread_local Machine machine;
  return machine;
}

void Machine::run(const LaunchShape& shape, const KernelCall& call, EmulatedContext& context) {
  require(Block::running == nullptr, "kernel ", shape.kernel, ": launched by a kernel");
  check_shape(shape);
  check_limits(shape, context.gpu);
  static std::mutex one_at_a_time;  // threadIdx, blockIdx, .. exist only once
  std::lock_guard lock(one_at_a_time);
  RunningBlock running(block_);
  block_.begin_launch(shape, call, context);
  run_blocks(context.schedule);
  context.kernels.emplace(call.function, shape.kernel);
  for (const GuardChange& change : Allocations::all().restore_guards()) {
    Fault fault = block_.fault_of_thread(FaultKind::overwritten_guard, 0);
    fault.variable = change.name;
    fault.offset = change.offset;
    fault.details = "found when the kernel had ended";
    block_.report(std::move(fault));
  }
  std::vector<Fault> faults = block_.take_faults();
  if (const std::exception_ptr exception = block_.take_exception()) std::rethrow_exception(exception);
  if (!faults.empty()) throw KernelFault(std::move(faults));
}

void Machine::run_blocks(const Schedule& schedule) {
  std::vector<std::size_t> order(block_.shape().blocks.count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomStream random(mix_keys(schedule.seed, name_key("blocks")));
  if (schedule.seed != 0)
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  for (const std::size_t number : order) {
    if (block_.run(number)) continue;
    block_.abandon();
    return;
  }
}

void run(Context& context, const LaunchShape& shape, const KernelCall& call) {
  Machine::of_this_thread().run(shape, call, as_emulated(context));
}

void block_barrier(const Place& place) {
  Block& block = running_block("__syncthreads");
  RuntimeScope scope;
  block.barrier(place);
}

std::uint64_t warp_operation(const WarpCall& call) {
  Block& block = running_block("a warp operation");
  RuntimeScope scope;
  return block.warp_operation(call);
}

void named_barrier(const NamedBarrierCall& call, const Place& place) {
  Block& block = running_block("a named barrier");
  RuntimeScope scope;
  block.named_barrier(call, place);
}

int lane() {
  return static_cast<int>(running_block("a warp operation").current() % warpSize);
}

void* shared_slice(const void* declaration, const char* name, std::size_t bytes, std::size_t alignment) {
  Block& block = running_block("MEMSIZER_SHARED");
  RuntimeScope scope;
  if (void* made = block.arena().made_for(declaration)) return made;
  block.require_shared_memory(name, bytes);
  return block.arena().static_slice(declaration, name, bytes, alignment);
}

void* dynamic_shared_memory(const char* name, std::size_t alignment) {
  Block& block = running_block("MEMSIZER_DYNAMIC_SHARED");
  RuntimeScope scope;
  return block.arena().dynamic_slice(name, block.shape().shared_bytes, alignment);
}

}  // namespace memsizer::emulated
