#pragma once
// Sums and maxima over the threads that share a row. The order of the operations depends only on the launch,
// so two runs give the same bits.

#include <cmath>
#include <cstdint>

#include "memsizer/device/kernel_table.hpp"

#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {

inline constexpr unsigned all_lanes = 0xffffffffu;
inline constexpr unsigned warp_threads = 32;

struct Sum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

/// If one of the values is NaN, any of the values may come out. The sum of exponentials that follows is NaN
/// anyway.
struct Maximum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a > b ? a : b;
  }
};

/// Combines the values of each group of `width` lanes (a power of two). Every lane gets its group's result.
template <class T, class Combine>
__device__ T combine_lanes(T value, Combine combine, unsigned width = warp_threads) {
  for (unsigned distance = width / 2; distance > 0; distance /= 2)
    value = combine(value, __shfl_xor_sync(all_lanes, value, static_cast<int>(distance)));
  return value;
}

/// Combines the values of a block's threads. Every thread gets the result. A block must consist of whole
/// warps.
template <class T, class Combine>
__device__ T combine_block(T value, Combine combine, T neutral) {
  MEMSIZER_SHARED(T, of_warp, warp_threads);
  const unsigned lane = threadIdx.x % warp_threads, warp = threadIdx.x / warp_threads;
  value = combine_lanes(value, combine);
  __syncthreads();  // threads may still read the array of the call before
  if (lane == 0) of_warp[warp] = value;
  __syncthreads();
  return combine_lanes(lane < blockDim.x / warp_threads ? of_warp[lane] : neutral, combine);
}

/// The threads that share a row: a warp for a short row, which then needs no barrier, or a whole block for a
/// long row (`whole_block`). A thread handles the columns first(), first() + step(), ..., so that
/// neighbouring threads read neighbouring elements.
template <bool whole_block>
struct RowThreads {
  static __device__ Index row() {
    if constexpr (whole_block) return blockIdx.x;
    return Index{blockIdx.x} * (blockDim.x / warp_threads) + threadIdx.x / warp_threads;
  }
  static __device__ Index first() { return whole_block ? threadIdx.x : threadIdx.x % warp_threads; }
  static __device__ Index step() { return whole_block ? blockDim.x : warp_threads; }

  /// What the row's threads read before, they may write after. Sums and maxima over lanes order no memory.
  static __device__ void synchronise() {
    if constexpr (whole_block)
      __syncthreads();
    else
      __syncwarp();
  }

  /// Combines the values of the row's threads. Each gets the result.
  template <class T, class Combine>
  static __device__ T combine(T value, Combine combine, T neutral) {
    if constexpr (whole_block)
      return combine_block(value, combine, neutral);
    else
      return combine_lanes(value, combine);
  }
  template <class T>
  static __device__ T sum(T value) {
    return combine(value, Sum(), T(0));
  }
  template <class T>
  static __device__ T maximum(T value) {
    return combine(value, Maximum(), -static_cast<T>(INFINITY));
  }
};

using WarpPerRow = RowThreads<false>;

/// The number of blocks in a grid. InputError if no GPU has so many.
inline unsigned grid_extent(const char* kernel, Index blocks) {
  require(blocks <= 2147483647, kernel, ": ", blocks, " blocks are more than a GPU has");
  return static_cast<unsigned>(blocks);
}

/// Launches a kernel with a thread for each of n elements.
template <class... Parameters, class... Arguments>
void launch_elements(Context& context, const char* name, Index n, void (*kernel)(Parameters...),
                     const Arguments&... arguments) {
  if (n == 0) return;
  const unsigned threads = threads_per_block(context, 256);
  launch(context, {.kernel = name, .blocks = grid_extent(name, divide_up(n, threads)), .threads = threads},
         kernel, arguments...);
}

/// The launch of a kernel with a warp for each row.
inline LaunchShape warp_a_row(Context& context, const char* kernel, Index rows) {
  const unsigned threads = threads_per_block(context, 256);
  return {.kernel = kernel,
          .blocks = grid_extent(kernel, divide_up(rows, threads / warp_threads)),
          .threads = threads};
}

/// The launch of a kernel with a block for each row.
inline LaunchShape block_a_row(Context& context, const char* kernel, Index rows) {
  return {.kernel = kernel, .blocks = grid_extent(kernel, rows), .threads = threads_per_block(context, 256)};
}

/// A warp handles a row of up to this many columns, a block a longer one.
inline constexpr Index longest_warp_row = 1024;

/// Launches warp_kernel with a warp for each row if rows are short, else block_kernel with a block for each
/// row.
template <class... Parameters, class... Arguments>
void launch_rows(Context& context, const char* name, void (*warp_kernel)(Parameters...),
                 void (*block_kernel)(Parameters...), Index rows, Index columns,
                 const Arguments&... arguments) {
  if (rows == 0) return;
  if (columns <= longest_warp_row)
    launch(context, warp_a_row(context, name, rows), warp_kernel, arguments...);
  else
    launch(context, block_a_row(context, name, rows), block_kernel, arguments...);
}

/// Whether one instruction can load or store the 16 bytes at a place.
template <class T>
MEMSIZER_HOST_DEVICE bool is_vector_place(const T* at) {
  return reinterpret_cast<std::uintptr_t>(at) % 16 == 0;
}

/// The value, or if `accumulate` the sum of `before`, which is read only then, and the value.
template <class T>
__device__ Accumulate<T> summed(bool accumulate, const T& before, Accumulate<T> value) {
  return accumulate ? static_cast<Accumulate<T>>(before) + value : value;
}

/// What an element of an output becomes: this sum, rounded to T once.
template <class T>
__device__ T contributed(bool accumulate, const T& before, Accumulate<T> value) {
  return static_cast<T>(summed<T>(accumulate, before, value));
}

/// Writes element i of an output, or adds to it.
template <class T>
__device__ void contribute(const Output<T>& output, Index i, Accumulate<T> value) {
  output.data[i] = contributed<T>(output.accumulate, output.data[i], value);
}

}  // namespace memsizer::MEMSIZER_DEVICE
