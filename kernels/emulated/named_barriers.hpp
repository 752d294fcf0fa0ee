#pragma once
// Named barriers: each of the sixteen barriers of a block brings some of its warps together.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "kernels/emulated/language.hpp"

namespace memsizer::emulated {

/// A warp comes to barrier `id`, which is met when `threads` threads have come. It waits for that, or goes
/// on.
struct NamedBarrierCall {
  int id = 0, threads = 0;
  bool waits = false;

  /// As an operation of the whole warp, whose lanes must all make the same call.
  WarpCall of_warp(const Place& place) const {
    return {.operation = WarpOperation::named_barrier,
            .lanes = 0xffffffffu,
            .value = static_cast<std::uint32_t>(threads) | std::uint64_t{waits} << 32,
            .source = id,
            .place = place};
  }
  static NamedBarrierCall from(const WarpCall& call) {
    return {call.source, static_cast<int>(call.value & 0xffffffff), call.value >> 32 != 0};
  }
};

/// "barrier 1 of 64 threads"
std::string to_string(const NamedBarrierCall& call);

/// Who has come to the barriers of the running block. Warps come as a whole.
class NamedBarriers {
 public:
  static constexpr int count = 16;

  /// The warps that have come, as bits, and those of them that wait.
  struct Warps {
    unsigned all = 0, waiting = 0;
  };

  void begin_block(std::size_t warps);
  /// Why the warp may not come to this barrier; empty if it may.
  std::string objection(std::size_t warp, const NamedBarrierCall& call) const;
  /// The warp comes. Returns who has come if it is the last.
  std::optional<Warps> arrive(std::size_t warp, const NamedBarrierCall& call);
  /// Whether some have come to a barrier, and others have not yet.
  bool is_begun(int id) const { return barriers_[static_cast<std::size_t>(id)].come.all != 0; }
  /// Names a barrier that is begun; empty if there is none.
  std::string incomplete() const;

 private:
  struct Barrier {
    int threads = 0;
    Warps come;
  };

  std::size_t warps_ = 0;
  std::array<Barrier, count> barriers_;
};

/// The running thread calls this.
void named_barrier(const NamedBarrierCall& call, const Place& place);

/// Waits at barrier `id`, one of 0 to 15, until `threads` threads have come: those that wait, and those that
/// call named_barrier_arrive. They come as whole warps. What all of them did before they came is ordered
/// before what those do that have waited. Barrier 0 is that of __syncthreads.
inline void named_barrier_sync(int id, int threads, Place place = Place::current()) {
  named_barrier({id, threads, true}, place);
}

/// Comes to the barrier, and goes on.
inline void named_barrier_arrive(int id, int threads, Place place = Place::current()) {
  named_barrier({id, threads, false}, place);
}

}  // namespace memsizer::emulated
