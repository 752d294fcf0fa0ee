#pragma once
// The gradients of the causal scan, by two scans with a state of the same shape. Let f be the factors of the
// outputs, and du = f dy; in the column of the sums, du = dn and v = 1. Then
//   dq_t = M_t du_t,  dk_t = N_t v_t,  dv_t = k_t N_t,  N_t = q_t du_t^T + g_(t+1) N_(t+1).
// One scan computes M forwards in time, for dq; the other computes N backwards, for dk and dv. dq and dk are
// sums over columns. Each warp sums over its tile of 32 columns and stores the result in partial [tiles,
// batch * time * heads, S].

#include "kernels/causal_scan.cuh"
#include "kernels/scan_decay_gradient.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// Computes the factors of the outputs and dn = -slope / divisor (dy . y), both [batch, time, heads]. Each
/// warp has one row.
template <class T>
__global__ void scan_factors_kernel(TokenGradients<T> gradients, ScanCotangents<T> cotangents, bool adds,
                                    ScanShape shape) {
  using A = Accumulate<T>;
  const Index row = WarpPerRow::row(), lane = WarpPerRow::first();
  const Index token = row / shape.heads % shape.time, batch = row / shape.heads / shape.time;
  if (row >= shape.batch * shape.time * shape.heads || token >= shape.length(batch)) return;
  const A n = shape.normaliser ? cotangents.normalisers[row] : A(0);
  if (lane == 0) gradients.factors[row] = scan_factor(shape, batch, token, adds, n);
  if (!shape.normaliser) return;
  A product = 0;
  for (Index i = row * shape.dim + lane; i < (row + 1) * shape.dim; i += warp_threads)
    product += static_cast<A>(cotangents.dy[i]) * static_cast<A>(cotangents.y[i]);
  product = combine_lanes(product, Sum());
  if (lane == 0)
    gradients.dnormalisers[row] = -shape.normaliser.slope(n) / shape.normaliser.divisor(n) * product;
}

/// Stores a thread's column of the state at the border of a chunk, unless `states` is null.
template <int S, class A>
__device__ void keep_state(A* states, const A (&state)[S], const ScanColumn& at, Index chunk,
                           Index first_feature, const ScanShape& shape) {
  if (states == nullptr || !at.real) return;
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s)
    if (const Index feature = first_feature + s; feature < shape.features)
      states[state_place(shape, at.unit, chunk, feature, at.last) + at.column] = state[s];
}

template <int S, class T>
__global__ void scan_dquery_kernel(Accumulate<T>* partial, Accumulate<T>* states, TokenGradients<T> gradients,
                                   ScanInputs<T> in, Index first_feature, ScanColumns columns,
                                   ScanShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape, columns);
  const Index length = shape.length(at.batch), leading = shape.heads * shape.features;
  A memory[S];
  load_column(memory, in.memory, in.sums, at, first_feature, shape);
  const auto fill = [&](Index start, Index tokens) {
    if (in.key != nullptr)
      stage<S>(k_staged, in.key + at.row(shape, start) * shape.features, tokens, leading, shape.features,
               first_feature);
  };
  for_each_chunk(length, fill, [&](Index start, Index tokens) {
    if (at.warp_is_idle()) return;
    keep_state(states, memory, at, start / scan_chunk, first_feature, shape);
    for (Index token = 0; token < tokens; ++token) {
      const A keep =
          in.decay != nullptr ? static_cast<A>(in.decay[at.unit * shape.time + start + token]) : A(1);
      const A value = in.key != nullptr ? at.value<A>(in.value, shape, start + token) : A(0);
      const A gradient = gradients.of_output(at, start + token, shape);
      A products[S];
      MEMSIZER_UNROLL
      for (int s = 0; s < S; ++s) {
        if (in.decay != nullptr) memory[s] *= keep;
        if (in.key != nullptr) memory[s] += k_staged[token * S + s] * value;
        products[s] = memory[s] * gradient;
      }
      if (partial != nullptr) store_sums(partial, products, at, start + token, shape);
    }
  });
}

/// Computes one token's dv_t = k_t N, and this column's part of dk_t = N v_t. dv is null if it is not wanted.
template <int S, class T>
__device__ void backward_token(Accumulate<T>* partial, const Output<T>& dvalue, const T* values,
                               const Accumulate<T> (&state)[S], const Accumulate<T>* k_token,
                               const ScanColumn& at, Index token, Index first_feature,
                               const ScanShape& shape) {
  using A = Accumulate<T>;
  const A value = at.value<A>(values, shape, token);
  A products[S], sum = 0;
  MEMSIZER_UNROLL
  for (int s = 0; s < S; ++s) {
    products[s] = state[s] * value;
    sum += state[s] * k_token[s];
  }
  if (dvalue && at.real && !at.is_sums) {
    const Output<T> target{dvalue.data, dvalue.accumulate || first_feature > 0};  // groups add up
    contribute(target, at.row(shape, token) * shape.dim + at.column, sum);
  }
  if (partial != nullptr) store_sums(partial, products, at, token, shape);
}

/// Sets dv of padding tokens to 0, unless the kernel adds to dv.
template <class T>
__device__ void clear_padding(const Output<T>& dvalue, const ScanColumn& at, Index length,
                              Index first_feature, const ScanShape& shape) {
  if (!dvalue || dvalue.accumulate || first_feature > 0 || !at.real || at.is_sums) return;
  for (Index token = length; token < shape.time; ++token)
    dvalue.data[at.row(shape, token) * shape.dim + at.column] = T(0);
}

template <int S, class T>
__global__ void scan_dkey_dvalue_kernel(Accumulate<T>* partial, Accumulate<T>* states,
                                        ScanGradients<T> outputs, TokenGradients<T> gradients,
                                        ScanCotangents<T> cotangents, ScanInputs<T> in, Index first_feature,
                                        ScanColumns columns, ScanShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, q_staged, scan_chunk * S);
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape, columns);
  const Index length = shape.length(at.batch), leading = shape.heads * shape.features;
  A state[S];
  load_column(state, cotangents.dmemory, cotangents.dsums, at, first_feature, shape);
  const auto fill = [&](Index start, Index tokens) {
    const Index first = at.row(shape, start) * shape.features;
    if (cotangents.dy != nullptr)
      stage<S>(q_staged, in.query + first, tokens, leading, shape.features, first_feature);
    if (in.key != nullptr) stage<S>(k_staged, in.key + first, tokens, leading, shape.features, first_feature);
  };
  for_each_chunk<true>(length, fill, [&](Index start, Index tokens) {
    if (at.warp_is_idle()) return;
    keep_state(states, state, at, start / scan_chunk, first_feature, shape);
    for (Index token = tokens - 1; token >= 0; --token) {
      if (cotangents.dy != nullptr) {
        const A gradient = gradients.of_output(at, start + token, shape);
        MEMSIZER_UNROLL
        for (int s = 0; s < S; ++s) state[s] += q_staged[token * S + s] * gradient;
      }
      if (in.key != nullptr)
        backward_token<S>(partial, outputs.dvalue, in.value, state, k_staged + token * S, at, start + token,
                          first_feature, shape);
      if (in.decay != nullptr) {
        const A keep = static_cast<A>(in.decay[at.unit * shape.time + start + token]);
        MEMSIZER_UNROLL
        for (int s = 0; s < S; ++s) state[s] *= keep;
      }
    }
  });
  clear_padding(outputs.dvalue, at, length, first_feature, shape);
  store_column(outputs.dmemory, outputs.dsums, state, at, first_feature, shape);
}

/// The memory of a backward pass: numbers for each token, the partial sums of a group of features, and the
/// states at the borders of the chunks if the gradient of the decay is wanted.
template <class T>
struct ScanWorkspace {
  using A = Accumulate<T>;
  A *factors, *dnormalisers, *partial, *before = nullptr, *behind = nullptr;

  ScanWorkspace(Context& context, bool keeps_states, Index columns, const ScanShape& shape) {
    const Index rows = shape.batch * shape.time * shape.heads;
    const Index partials = column_tiles(columns) * rows * group_size(shape.features);
    const Index states = keeps_states ? states_size(shape, columns) : 0;
    factors = workspace<A>(context, 2 * rows + partials + 2 * states);
    dnormalisers = factors + rows;
    partial = dnormalisers + rows;
    if (!keeps_states) return;
    before = partial + partials;
    behind = before + states;
  }
};

template <class T>
void causal_scan_backward(Context& context, const ScanGradients<T>& outputs,
                          const ScanCotangents<T>& cotangents, const ScanInputs<T>& in,
                          const ScanShape& shape) {
  const Index rows = shape.batch * shape.time * shape.heads;
  if (shape.batch == 0 || shape.heads == 0) return;
  const bool sums = shape.normaliser || cotangents.dsums != nullptr || outputs.dsums;
  const ScanColumns columns{0, shape.dim + (sums ? 1 : 0)};
  const ScanWorkspace<T> work(context, bool(outputs.ddecay), columns.count, shape);
  const TokenGradients<T> gradients{cotangents.dy, work.factors, work.dnormalisers};
  const bool reads = cotangents.dy != nullptr, some = columns.count > 0;
  if (reads && rows > 0)
    launch(context, warp_a_row(context, "scan_factors", rows), scan_factors_kernel<T>, gradients, cotangents,
           in.key != nullptr, shape);
  for_each_feature_group(shape.features, [&](Index first_feature, auto group) {
    constexpr int S = group();
    const auto start = [&](const char* kernel) { return column_launch(context, kernel, columns, shape); };
    if (some && (outputs.dquery || outputs.ddecay))
      launch(context, start("scan_dquery"), scan_dquery_kernel<S, T>, outputs.dquery ? work.partial : nullptr,
             work.before, gradients, in, first_feature, columns, shape);
    if (outputs.dquery)
      sum_tiles<S>(context, outputs.dquery, work.partial, columns.count, first_feature, shape);
    if (some && (outputs.dkey || outputs.dvalue || outputs.ddecay || outputs.dmemory || outputs.dsums))
      launch(context, start("scan_dkey_dvalue"), scan_dkey_dvalue_kernel<S, T>,
             outputs.dkey ? work.partial : nullptr, work.behind, outputs, gradients, cotangents, in,
             first_feature, columns, shape);
    if (outputs.dkey) sum_tiles<S>(context, outputs.dkey, work.partial, columns.count, first_feature, shape);
  });
  if (outputs.ddecay && rows > 0)
    launch(context, decay_gradient_launch(context, shape), scan_ddecay_kernel<T>, outputs.ddecay,
           static_cast<const Accumulate<T>*>(work.before), static_cast<const Accumulate<T>*>(work.behind),
           gradients, in, columns.count, shape);
}

}  // namespace memsizer::MEMSIZER_DEVICE
