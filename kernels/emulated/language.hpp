#pragma once
// CUDA's language for a host compiler: qualifiers, built-in variables, barriers, warp functions and integer
// atomics. A thread that waits in a barrier or warp function lets the other threads of its block run.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/emulated/position.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier): these are CUDA's names
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)  // LaunchShape::most_threads says it again, and is checked
// NOLINTEND(bugprone-reserved-identifier)

/// The namespace of kernels: each device compiles them into its own.
#define MEMSIZER_DEVICE emulated

/// Stands before a loop that must be unrolled on a GPU, so that the arrays in it are registers.
#define MEMSIZER_UNROLL

/// Stands before a loop whose body is long, so that a GPU's kernel has it once.
#define MEMSIZER_ROLLED

using uint3 = memsizer::emulated::Position;
using dim3 = memsizer::emulated::Extent;

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace memsizer::emulated {

/// The place in the source where a thread waits. clang 14 with libstdc++ has no std::source_location.
struct Place {
  const char* file = "";
  int line = 0;

  static constexpr Place current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

enum class WarpOperation { shuffle, ballot, barrier, gather, named_barrier };

/// One thread's call of an operation of its warp. All threads in `lanes` must call it, with the same
/// operation, lanes and place.
struct WarpCall {
  WarpOperation operation;
  unsigned lanes;           // bit i: lane i takes part
  std::uint64_t value = 0;  // the number that other lanes may read
  int source = 0;           // the lane to read from
  Place place;
  std::uint64_t* gathered = nullptr;  // of a gather: receives the values of all 32 lanes
};

void block_barrier(const Place& place);
/// Runs a warp operation. Returns the source lane's value for a shuffle, else the ballot.
std::uint64_t warp_operation(const WarpCall& call);
/// The number of the calling thread within its warp.
int lane();

template <class T>
T shuffle(unsigned lanes, T value, int source, const Place& place) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);
  WarpCall call{.operation = WarpOperation::shuffle, .lanes = lanes, .source = source, .place = place};
  __builtin_memcpy(&call.value, &value, sizeof(T));
  const std::uint64_t received = warp_operation(call);
  __builtin_memcpy(&value, &received, sizeof(T));
  return value;
}

/// Stops the launch with a fault unless the address is a multiple of `alignment`. A host would not mind.
void require_alignment(const void* address, std::size_t alignment, const char* instruction);

/// The values of all lanes of the warp, which all must call this.
struct Gathered {
  std::uint64_t of_lane[warpSize];

  Gathered(std::uint64_t value, const Place& place) {
    warp_operation({.operation = WarpOperation::gather,
                    .lanes = 0xffffffffu,
                    .value = value,
                    .place = place,
                    .gathered = of_lane});
  }
};

}  // namespace memsizer::emulated

inline void __syncthreads(memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  memsizer::emulated::block_barrier(place);
}

inline void __syncwarp(unsigned lanes = 0xffffffffu,
                       memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  using namespace memsizer::emulated;
  warp_operation({.operation = WarpOperation::barrier, .lanes = lanes, .place = place});
}

inline unsigned __ballot_sync(unsigned lanes, int predicate,
                              memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  using namespace memsizer::emulated;
  return static_cast<unsigned>(warp_operation(
      {.operation = WarpOperation::ballot, .lanes = lanes, .value = predicate != 0, .place = place}));
}

inline int __any_sync(unsigned lanes, int predicate,
                      memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  return __ballot_sync(lanes, predicate, place) != 0;
}

inline int __all_sync(unsigned lanes, int predicate,
                      memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  return __ballot_sync(lanes, predicate == 0, place) == 0;
}

/// The value of lane `source` modulo `width` in the caller's group of `width` lanes.
template <class T>
T __shfl_sync(unsigned lanes, T value, int source, int width = warpSize,
              memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  const int lane = memsizer::emulated::lane();
  return memsizer::emulated::shuffle(lanes, value, (lane & -width) + (source & (width - 1)), place);
}

/// The value of the lane `delta` above. If that is beyond the group, a lane gets its own value.
template <class T>
T __shfl_down_sync(unsigned lanes, T value, unsigned delta, int width = warpSize,
                   memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  const int lane = memsizer::emulated::lane();
  const bool inside = (lane & (width - 1)) + static_cast<int>(delta) < width;
  return memsizer::emulated::shuffle(lanes, value, inside ? lane + static_cast<int>(delta) : lane, place);
}

/// The value of the lane `delta` below. If that is before the group, a lane gets its own value.
template <class T>
T __shfl_up_sync(unsigned lanes, T value, unsigned delta, int width = warpSize,
                 memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  const int lane = memsizer::emulated::lane();
  const bool inside = (lane & (width - 1)) >= static_cast<int>(delta);
  return memsizer::emulated::shuffle(lanes, value, inside ? lane - static_cast<int>(delta) : lane, place);
}

/// The value of the lane whose number differs in the bits of `flip`. If that lane is in a later group, the
/// caller gets its own value.
template <class T>
T __shfl_xor_sync(unsigned lanes, T value, int flip, int width = warpSize,
                  memsizer::emulated::Place place = memsizer::emulated::Place::current()) {
  const int lane = memsizer::emulated::lane(), source = lane ^ flip;
  const bool inside = source < (lane & -width) + width;
  return memsizer::emulated::shuffle(lanes, value, inside ? source : lane, place);
}

inline void __threadfence() {}
inline void __threadfence_block() {}
inline int __popc(unsigned bits) {
  return __builtin_popcount(bits);
}

// Only for integers: floating-point sums in an order that varies would make two runs differ.
template <class T>
requires std::is_integral_v<T> T atomicAdd(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}

template <class T>
requires std::is_integral_v<T> T atomicExch(T* address, std::type_identity_t<T> value) {
  return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);
}

template <class T>
requires std::is_integral_v<T> T atomicCAS(T* address, std::type_identity_t<T> expected,
                                           std::type_identity_t<T> desired) {
  __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}

template <class T>
requires std::is_integral_v<T> T atomicMax(T* address, std::type_identity_t<T> value) {
  T seen = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (seen < value &&
         !__atomic_compare_exchange_n(address, &seen, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
}

template <class T>
requires std::is_integral_v<T> T atomicMin(T* address, std::type_identity_t<T> value) {
  T seen = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (value < seen &&
         !__atomic_compare_exchange_n(address, &seen, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
}
