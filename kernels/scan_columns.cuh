#pragma once
// The common part of the scan's kernels. A thread owns one column of a head's memory [features, dim] and
// keeps it in registers, up to 32 features at a time. A block stages keys and queries: it copies the chunk
// that all its threads read to shared memory. Columns are independent; a sum over columns is a sum over the
// lanes of a warp first. The sums of the keys are one more column, number dim, whose values are 1.

#include <type_traits>

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// How many features a thread keeps in registers. If there are more, they are handled in groups.
inline constexpr Index features_a_group = 32;
/// How many tokens' keys and queries are staged at a time.
inline constexpr Index scan_chunk = 32;

/// The columns that a launch handles.
struct ScanColumns {
  Index first, count;
};

/// The column of a memory that the calling thread owns. The first blocks cover the columns of the first head
/// of the first row of the batch, the next blocks those of the next head, and so on.
struct ScanColumn {
  Index unit, batch, head;  // unit = batch * heads + head
  Index column, last;
  bool is_sums;  // whether the column holds the sums of the keys
  bool real;     // false if the column is beyond the last one, as may happen in a head's last block

  __device__ ScanColumn(const ScanShape& shape, const ScanColumns& columns) {
    const Index blocks_a_unit = divide_up(columns.count, blockDim.x);
    unit = blockIdx.x / blocks_a_unit;
    batch = unit / shape.heads;
    head = unit % shape.heads;
    column = columns.first + blockIdx.x % blocks_a_unit * blockDim.x + threadIdx.x;
    last = columns.first + columns.count;
    is_sums = column == shape.dim;
    real = column < last;
  }
  /// The number of the tile that the column is in: 32 columns, which a warp owns.
  __device__ Index tile() const { return column / warp_threads; }
  /// Whether no thread of the warp has a column.
  __device__ bool warp_is_idle() const { return tile() * warp_threads >= last; }

  /// The row of a token in an array [batch, time, heads, ..].
  __device__ Index row(const ScanShape& shape, Index token) const {
    return (batch * shape.time + token) * shape.heads + head;
  }
  /// The column's element of a token's value; 1 in the column of the sums.
  template <class A, class T>
  __device__ A value(const T* values, const ScanShape& shape, Index token) const {
    if (is_sums) return A(1);
    return real ? static_cast<A>(values[row(shape, token) * shape.dim + column]) : A(0);
  }
};

inline Index column_tiles(Index columns) {
  return divide_up(columns, warp_threads);
}

/// column[s] = feature first_feature + s of the thread's column of the memory, or of the sums; 0 if the array
/// is null or has no such feature.
template <int S, class A>
__device__ void load_column(A (&column)[S], const A* memory, const A* sums, const ScanColumn& at,
                            Index first_feature, const ScanShape& shape) {
  const A* const from = at.is_sums ? sums : memory;
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s) {
    const Index feature = first_feature + s, place = at.unit * shape.features + feature;
    const bool stored = from != nullptr && at.real && feature < shape.features;
    column[s] = stored ? from[at.is_sums ? place : place * shape.dim + at.column] : A(0);
  }
}

/// The opposite of load_column: writes or adds the thread's column to the memory or the sums, unless it is
/// null.
template <int S, class A>
__device__ void store_column(const Output<A>& memory, const Output<A>& sums, const A (&column)[S],
                             const ScanColumn& at, Index first_feature, const ScanShape& shape) {
  // A reference to one of the two would need them in memory; members stay in registers.
  const Output<A> to{at.is_sums ? sums.data : memory.data, at.is_sums ? sums.accumulate : memory.accumulate};
  if (!to || !at.real) return;
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s) {
    const Index feature = first_feature + s, place = at.unit * shape.features + feature;
    if (feature < shape.features)
      contribute(to, at.is_sums ? place : place * shape.dim + at.column, column[s]);
  }
}

struct Unscaled {
  __device__ int operator()(Index) const { return 1; }
};

/// staged[t * S + s] = scale(t) x[t, first_feature + s] for t < tokens; 0 if there is no such feature. x
/// points to the first token, and tokens are `leading` elements apart. All threads of the block call this
/// between barriers.
template <int S, class A, class T, class Scale = Unscaled>
__device__ void stage(A* staged, const T* x, Index tokens, Index leading, Index features, Index first_feature,
                      Scale scale = {}) {
  for (Index i = threadIdx.x; i < tokens * S; i += blockDim.x) {
    const Index token = i / S, feature = first_feature + i % S;
    staged[i] = feature < features
                    ? static_cast<A>(scale(token)) * static_cast<A>(x[token * leading + feature])
                    : A(0);
  }
}

/// Calls fill(start, tokens) and then body(start, tokens) for each chunk of a row's tokens. Barriers separate
/// what fill stages in shared memory from what body reads. All threads of the block call this.
template <bool backwards = false, class Fill, class Body>
__device__ void for_each_chunk(Index length, const Fill& fill, const Body& body) {
  const Index chunks = divide_up(length, scan_chunk);
  for (Index i = 0; i < chunks; ++i) {
    const Index start = (backwards ? chunks - 1 - i : i) * scan_chunk;
    const Index tokens = length - start < scan_chunk ? length - start : scan_chunk;
    __syncthreads();  // threads may still read the chunk before
    fill(start, tokens);
    __syncthreads();
    body(start, tokens);
  }
}

/// Sums `count` values over the lanes of a warp and leaves each sum in its own lanes. At each step a lane
/// gives half of its values away and adds what it receives to the other half. So 32 values take 31 shuffles
/// instead of 160.
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

/// The sums of values over a warp's lanes: lane l receives the sum of values[l / (32 / S)]. The array
/// `values` is overwritten.
template <int S, class A>
__device__ A sum_over_lanes(A (&values)[S]) {
  return fold_lanes<S, warp_threads / 2>(values);
}

/// Stores a warp's sums for one token in partial [tiles, batch * time * heads, S].
template <int S, class A>
__device__ void store_sums(A* partial, A (&values)[S], const ScanColumn& at, Index token,
                           const ScanShape& shape) {
  const A sum = sum_over_lanes(values);
  const Index lane = threadIdx.x % warp_threads;
  constexpr Index lanes_a_feature = warp_threads / S;
  if (lane % lanes_a_feature == 0) {
    const Index row = at.tile() * shape.batch * shape.time * shape.heads + at.row(shape, token);
    partial[row * S + lane / lanes_a_feature] = sum;
  }
}

/// out [batch, time, heads, features] (+)= sums over the tiles of partial, in order, for the features
/// first_feature .. first_feature + S - 1; 0 for padding tokens, at lengths[b] and beyond.
template <int S, class T>
__global__ void sum_tiles_kernel(Output<T> out, const Accumulate<T>* partial, Index tiles,
                                 Index first_feature, ScanShape shape) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x, rows = shape.batch * shape.time * shape.heads;
  const Index row = i / S, feature = first_feature + i % S;
  if (row >= rows || feature >= shape.features) return;
  Accumulate<T> sum = 0;
  const Index token = row / shape.heads % shape.time, batch = row / shape.heads / shape.time;
  if (token < shape.length(batch))
    for (Index tile = 0; tile < tiles; ++tile) sum += partial[(tile * rows + row) * S + i % S];
  contribute(out, row * shape.features + feature, sum);
}

template <int S, class T>
void sum_tiles(Context& context, Output<T> out, const Accumulate<T>* partial, Index columns,
               Index first_feature, const ScanShape& shape) {
  launch_elements(context, "sum_tiles", shape.batch * shape.time * shape.heads * S, sum_tiles_kernel<S, T>,
                  out, partial, column_tiles(columns), first_feature, shape);
}

/// The launch of a kernel with a thread for each column.
inline LaunchShape column_launch(Context& context, const char* kernel, const ScanColumns& columns,
                                 const ScanShape& shape) {
  const unsigned threads = threads_per_block(context, columns.count > warp_threads ? 128 : warp_threads);
  return {.kernel = kernel,
          .blocks = grid_extent(kernel, shape.batch * shape.heads * divide_up(columns.count, threads)),
          .threads = threads};
}

/// The size of a group if `left` features are left: the smallest of 4, 8, 16 and 32 that holds them, else 32.
inline constexpr int group_size(Index left) {
  return left <= 4 ? 4 : left <= 8 ? 8 : left <= 16 ? 16 : 32;
}

/// Calls body(first_feature, S) for each group of features; S is a compile-time constant. If there are no
/// features, body is called once, because outputs must be written all the same.
template <class Body>
void for_each_feature_group(Index features, const Body& body) {
  for (Index first = 0; first == 0 || first < features; first += features_a_group) {
    switch (group_size(features - first)) {
      case 4:
        body(first, std::integral_constant<int, 4>());
        break;
      case 8:
        body(first, std::integral_constant<int, 8>());
        break;
      case 16:
        body(first, std::integral_constant<int, 16>());
        break;
      default:
        body(first, std::integral_constant<int, 32>());
    }
  }
}

}  // namespace memsizer::MEMSIZER_DEVICE
