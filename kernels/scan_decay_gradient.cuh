#pragma once
// The gradient of the causal scan's decay. Each block has one chunk of tokens. In a chunk let
//   W[j, i] = what token j reads of token i's part, before any decay: (q_j . k_i) (du_j . v_i),
// with one more column for the state before the chunk, and one more row for the gradient of the state behind
// it. The two scans have stored both. Then
//   dg_t = sum over j >= t of E(t, j) R_j(t),  R_j(t + 1) = g_t R_j(t) + W[j, t],
// where E(t, j) = g_(t+1) .. g_j is the decay behind t (in the last row, up to the chunk's last token).
// Nothing is divided by g, which may be 0.

#include "kernels/scan_columns.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The gradients that arrive at the outputs of tokens.
template <class T>
struct TokenGradients {
  using A = Accumulate<T>;
  const T* dy;      // null: no gradient arrives
  A* factors;       // [batch, time, heads], of the outputs
  A* dnormalisers;  // [batch, time, heads], read only if there is a normaliser

  /// du of a column: factor dy, or the gradient of the normaliser in the column of the sums.
  __device__ A of_output(const ScanColumn& at, Index token, const ScanShape& shape) const {
    return at.real ? of_column(at.row(shape, token), at.column, shape) : A(0);
  }
  __device__ A of_column(Index row, Index column, const ScanShape& shape) const {
    if (dy == nullptr) return A(0);
    if (column == shape.dim) return shape.normaliser ? dnormalisers[row] : A(0);
    return factors[row] * static_cast<A>(dy[row * shape.dim + column]);
  }
};

/// The size of the array of states at the borders of all chunks: [batch * heads, chunks, features, columns].
inline Index states_size(const ScanShape& shape, Index columns) {
  return shape.batch * shape.heads * divide_up(shape.time, scan_chunk) * shape.features * columns;
}

/// Where the columns of a feature begin in this array.
__device__ inline Index state_place(const ScanShape& shape, Index unit, Index chunk, Index feature,
                                    Index columns) {
  return ((unit * divide_up(shape.time, scan_chunk) + chunk) * shape.features + feature) * columns;
}

/// One chunk of one head. The lanes of a warp call its functions together.
template <class T>
struct DecayChunk {
  using A = Accumulate<T>;
  const A *before, *behind;  // [features, columns]
  TokenGradients<T> gradients;
  ScanInputs<T> in;
  Index first_row, columns;
  ScanShape shape;

  __device__ Index row(Index token) const { return first_row + token * shape.heads; }
  __device__ A query(Index token, Index feature) const {
    return static_cast<A>(in.query[row(token) * shape.features + feature]);
  }
  __device__ A key(Index token, Index feature) const {
    return static_cast<A>(in.key[row(token) * shape.features + feature]);
  }
  __device__ A value(Index token, Index column) const {
    return column == shape.dim ? A(1) : static_cast<A>(in.value[row(token) * shape.dim + column]);
  }

  /// The sum of f(i) over i < n, in all lanes.
  template <class F>
  __device__ A sum(Index n, const F& f) const {
    A total = 0;
    for (Index i = threadIdx.x % warp_threads; i < n; i += warp_threads) total += f(i);
    return combine_lanes(total, Sum());
  }
  /// The sum over a state's elements of f(feature, column) times the element.
  template <class F>
  __device__ A state_sum(const A* state, const F& f) const {
    return sum(columns, [&](Index column) {
      A total = 0;
      for (Index feature = 0; feature < shape.features; ++feature)
        total += state[feature * columns + column] * f(feature, column);
      return total;
    });
  }

  /// W[j, i]. Row j = tokens is that of the gradient behind the chunk, column i = -1 that of the state before
  /// it.
  __device__ A way(Index j, Index i, Index tokens) const {
    const bool reads = gradients.dy != nullptr, adds = in.key != nullptr;
    if (j == tokens && i < 0)
      return state_sum(before,
                       [&](Index feature, Index column) { return behind[feature * columns + column]; });
    if ((j < tokens && !reads) || (i >= 0 && !adds)) return A(0);
    const auto du = [&](Index column) { return gradients.of_column(row(j), column, shape); };
    if (j == tokens)
      return state_sum(behind,
                       [&](Index feature, Index column) { return key(i, feature) * value(i, column); });
    if (i < 0)
      return state_sum(before, [&](Index feature, Index column) { return query(j, feature) * du(column); });
    const A weight = sum(shape.features, [&](Index feature) { return query(j, feature) * key(i, feature); });
    return weight * sum(columns, [&](Index column) { return du(column) * value(i, column); });
  }
};

template <class T>
__global__ void scan_ddecay_kernel(Output<T> ddecay, const Accumulate<T>* before, const Accumulate<T>* behind,
                                   TokenGradients<T> gradients, ScanInputs<T> in, Index columns,
                                   ScanShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, ways, (scan_chunk + 1) * (scan_chunk + 1));
  const Index chunks = divide_up(shape.time, scan_chunk), chunk = blockIdx.x % chunks;
  const Index unit = blockIdx.x / chunks, batch = unit / shape.heads, start = chunk * scan_chunk;
  const Index left = shape.length(batch) - start;
  const Index tokens = left < 0 ? 0 : left < scan_chunk ? left : scan_chunk, width = tokens + 1;
  const Index place = state_place(shape, unit, chunk, 0, columns);
  const Index first_row = (batch * shape.time + start) * shape.heads + unit % shape.heads;
  const DecayChunk<T> at{before + place, behind + place, gradients, in, first_row, columns, shape};
  const T* const g = in.decay + unit * shape.time + start;
  for (Index item = threadIdx.x / warp_threads; tokens > 0 && item < width * width;
       item += blockDim.x / warp_threads)
    if (const Index j = item / width, i = item % width - 1; i < j) {
      const A way = at.way(j, i, tokens);
      if (threadIdx.x % warp_threads == 0) ways[item] = way;
    }
  __syncthreads();
  for (Index j = threadIdx.x; j < width; j += blockDim.x)
    for (Index t = 0; t < j && t < tokens - 1; ++t)
      ways[j * width + t + 1] += static_cast<A>(g[t]) * ways[j * width + t];  // R_j(t + 1)
  __syncthreads();
  for (Index t = threadIdx.x; t < scan_chunk && start + t < shape.time; t += blockDim.x) {
    A sum = 0;
    if (t < tokens) {
      sum = ways[tokens * width + t] + ways[(tokens - 1) * width + t];
      for (Index j = tokens - 2; j >= t; --j) sum = ways[j * width + t] + static_cast<A>(g[j + 1]) * sum;
    }
    contribute(ddecay, unit * shape.time + start + t, sum);
  }
}

inline LaunchShape decay_gradient_launch(Context& context, const ScanShape& shape) {
  const Index blocks = shape.batch * shape.heads * divide_up(shape.time, scan_chunk);
  return {.kernel = "scan_ddecay",
          .blocks = grid_extent("scan_ddecay", blocks),
          .threads = threads_per_block(context, 256)};
}

}  // namespace memsizer::MEMSIZER_DEVICE
