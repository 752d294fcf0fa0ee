#pragma once
// What MemSizer's kernels share. A thread owns one column of the memory [slots, dim] and keeps it in
// registers, up to 32 slots at a time; a block stages the chunk of k and p that all its threads read in
// shared memory. Columns are independent, and what is summed over them is summed over the lanes of a warp
// first.

#include <type_traits>

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// Slots that a thread keeps in registers; more are handled group by group.
inline constexpr Index slots_a_group = 32;
/// Tokens whose k and p are staged at a time.
inline constexpr Index scan_chunk = 32;

/// The column of the memory that the calling thread owns: blocks cover the columns of one row of the batch
/// after another.
struct ScanColumn {
  Index batch, column;
  bool real;  // the last block of a row may reach beyond dim

  __device__ explicit ScanColumn(const MemSizerShape& shape) {
    const Index blocks_a_row = divide_up(shape.dim, blockDim.x);
    batch = blockIdx.x / blocks_a_row;
    column = blockIdx.x % blocks_a_row * blockDim.x + threadIdx.x;
    real = column < shape.dim;
  }
  /// Warps have 32 columns each.
  __device__ Index tile() const { return column / warp_threads; }
  /// Whether no thread of the warp has a column.
  __device__ bool warp_is_idle(const MemSizerShape& shape) const {
    return tile() * warp_threads >= shape.dim;
  }
};

inline Index column_tiles(const MemSizerShape& shape) {
  return divide_up(shape.dim, warp_threads);
}

/// The real tokens of a row of the batch.
__device__ inline Index length_of(const MemSizerShape& shape, Index batch) {
  if (shape.lengths == nullptr) return shape.time;
  const Index length = shape.lengths[batch];
  return length < 0 ? 0 : length < shape.time ? length : shape.time;
}

/// The scale of the memory after a token of a row.
template <class A>
__device__ A scan_scale(const MemSizerShape& shape, Index batch, Index token) {
  return memory_scale<A>((shape.counts == nullptr ? 0 : shape.counts[batch]) + token + 1);
}

struct Unscaled {
  __device__ int operator()(Index) const { return 1; }
};

/// staged[t * S + s] = scale(t) x[t, first_slot + s] for t < tokens, 0 where there is no such slot. x [..,
/// slots] points to the first token. By all threads of the block, between barriers.
template <int S, class A, class T, class Scale = Unscaled>
__device__ void stage(A* staged, const T* x, Index tokens, Index slots, Index first_slot, Scale scale = {}) {
  for (Index i = threadIdx.x; i < tokens * S; i += blockDim.x) {
    const Index token = i / S, slot = first_slot + i % S;
    staged[i] = slot < slots ? scale(token) * static_cast<A>(x[token * slots + slot]) : A(0);
  }
}

/// fill(start, tokens) and then body(start, tokens) for each chunk of a row's tokens. Barriers part what fill
/// stages in shared memory from what body reads. By all threads of the block.
template <bool backwards = false, class Fill, class Body>
__device__ void for_each_chunk(Index length, const Fill& fill, const Body& body) {
  const Index chunks = divide_up(length, scan_chunk);
  for (Index i = 0; i < chunks; ++i) {
    const Index start = (backwards ? chunks - 1 - i : i) * scan_chunk;
    const Index tokens = length - start < scan_chunk ? length - start : scan_chunk;
    __syncthreads();  // the chunk before may still be in use
    fill(start, tokens);
    __syncthreads();
    body(start, tokens);
  }
}

/// Sums `count` values over the lanes of a warp, each in one lane: at each step a lane gives half of its
/// values away and adds what it receives to the other half, so that 32 values take 31 shuffles instead of
/// 160.
template <int count, int distance, int S, class A>
__device__ A fold_lanes(A (&values)[S]) {
  if constexpr (distance == 0) {
    return values[0];
  } else if constexpr (count == 1) {
    values[0] += __shfl_xor_sync(all_lanes, values[0], distance);
    return fold_lanes<1, distance / 2>(values);
  } else {
    constexpr int half = count / 2;
    const bool upper = (threadIdx.x & distance) != 0;
    MEMSIZER_UNROLL
    for (int i = 0; i < half; ++i) {
      const A kept = upper ? values[half + i] : values[i], given = upper ? values[i] : values[half + i];
      values[i] = kept + __shfl_xor_sync(all_lanes, given, distance);
    }
    return fold_lanes<half, distance / 2>(values);
  }
}

/// The sums over a warp's lanes: lane l receives that of values[l / (32 / S)]. Changes the values.
template <int S, class A>
__device__ A sum_over_lanes(A (&values)[S]) {
  return fold_lanes<S, warp_threads / 2>(values);
}

/// Keeps a warp's sums of one token: partial [tiles, batch * time, S].
template <int S, class A>
__device__ void store_sums(A* partial, A (&values)[S], const ScanColumn& at, Index token,
                           const MemSizerShape& shape) {
  const A sum = sum_over_lanes(values);
  const Index lane = threadIdx.x % warp_threads;
  constexpr Index lanes_a_slot = warp_threads / S;
  if (lane % lanes_a_slot == 0) {
    const Index row = (at.tile() * shape.batch + at.batch) * shape.time + token;
    partial[row * S + lane / lanes_a_slot] = sum;
  }
}

/// out [batch, time, slots] (+)= sums over the tiles of partial, in order, for slots first_slot .. first_slot
/// + S - 1; 0 for tokens at lengths[b] and beyond.
template <int S, class T>
__global__ void sum_tiles_kernel(Output<T> out, const Accumulate<T>* partial, Index tiles, Index first_slot,
                                 MemSizerShape shape) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x, rows = shape.batch * shape.time;
  const Index row = i / S, slot = first_slot + i % S;
  if (row >= rows || slot >= shape.slots) return;
  Accumulate<T> sum = 0;
  if (row % shape.time < length_of(shape, row / shape.time))
    for (Index tile = 0; tile < tiles; ++tile) sum += partial[(tile * rows + row) * S + i % S];
  contribute(out, row * shape.slots + slot, static_cast<T>(sum));
}

template <int S, class T>
void sum_tiles(Context& context, Output<T> out, const Accumulate<T>* partial, Index first_slot,
               const MemSizerShape& shape) {
  launch_elements(context, "sum_tiles", shape.batch * shape.time * S, sum_tiles_kernel<S, T>, out, partial,
                  column_tiles(shape), first_slot, shape);
}

/// How a kernel with a thread a column is launched.
inline LaunchShape column_launch(Context& context, const char* kernel, const MemSizerShape& shape) {
  const unsigned threads = threads_per_block(context, 128);
  return {.kernel = kernel,
          .blocks = grid_extent(kernel, shape.batch * divide_up(shape.dim, threads)),
          .threads = threads};
}

/// Calls body(first_slot, S) for each group of slots, S a constant that is as small as the group allows; once
/// if there are no slots, because outputs must be written all the same.
template <class Body>
void for_each_slot_group(Index slots, const Body& body) {
  for (Index first = 0; first == 0 || first < slots; first += slots_a_group) {
    const Index left = slots - first;
    if (left <= 4)
      body(first, std::integral_constant<int, 4>());
    else if (left <= 8)
      body(first, std::integral_constant<int, 8>());
    else if (left <= 16)
      body(first, std::integral_constant<int, 16>());
    else
      body(first, std::integral_constant<int, 32>());
  }
}

}  // namespace memsizer::MEMSIZER_DEVICE
