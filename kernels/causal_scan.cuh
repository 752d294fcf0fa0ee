#pragma once
// The causal scan: M_t = g_t M_(t-1) + k_t v_t^T, z_t = g_t z_(t-1) + k_t and y_t = factor q_t M_t in each
// head. The factor is made of the normaliser q_t z_t and the count. Only the state M and z is stored, never
// an array [time, features, dim].

#include "kernels/scan_columns.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// Handles one group of features. The first group writes its part of the output, and the others add theirs.
/// The column of the sums has a launch of its own, before the other columns, because it writes the
/// normalisers by which they divide.
template <int S, class T>
__global__ void causal_scan_kernel(ScanOutputs<T> out, ScanInputs<T> in, Index first_feature,
                                   ScanColumns columns, ScanShape shape) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, q_staged, scan_chunk * S);
  MEMSIZER_SHARED(A, k_staged, scan_chunk * S);
  const ScanColumn at(shape, columns);
  const Index length = shape.length(at.batch), leading = shape.heads * shape.features;
  const bool of_sums = columns.first == shape.dim, adds = in.key != nullptr;
  const bool reads = of_sums ? out.normalisers != nullptr : out.y != nullptr;
  A memory[S];
  load_column(memory, in.memory, in.sums, at, first_feature, shape);
  const auto fill = [&](Index start, Index tokens) {
    const Index first = at.row(shape, start);
    const auto factor = [&](Index token) {
      if (of_sums) return A(1);
      const A n = shape.normaliser ? out.normalisers[first + token * shape.heads] : A(0);
      return scan_factor(shape, at.batch, start + token, adds, n);
    };
    if (reads)
      stage<S>(q_staged, in.query + first * shape.features, tokens, leading, shape.features, first_feature,
               factor);
    if (adds)
      stage<S>(k_staged, in.key + first * shape.features, tokens, leading, shape.features, first_feature);
  };
  for_each_chunk(length, fill, [&](Index start, Index tokens) {
    for (Index token = 0; at.real && token < tokens; ++token) {
      const Index row = at.row(shape, start + token);
      const A keep =
          in.decay != nullptr ? static_cast<A>(in.decay[at.unit * shape.time + start + token]) : A(1);
      const A value = adds ? at.value<A>(in.value, shape, start + token) : A(0);
      if (in.decay != nullptr) {
        MEMSIZER_UNROLL
        for (int s = 0; s < S; ++s) memory[s] *= keep;
      }
      if (adds) {
        MEMSIZER_UNROLL
        for (int s = 0; s < S; ++s) memory[s] += k_staged[token * S + s] * value;
      }
      if (!reads) continue;
      A sum = 0;
      MEMSIZER_UNROLL
      for (int s = 0; s < S; ++s) sum += q_staged[token * S + s] * memory[s];
      if (of_sums)
        contribute(Output<A>{out.normalisers, first_feature > 0}, row, sum);
      else
        contribute(Output<T>{out.y, first_feature > 0}, row * shape.dim + at.column, sum);
    }
  });
  for (Index token = length; !of_sums && reads && at.real && token < shape.time; ++token)
    out.y[at.row(shape, token) * shape.dim + at.column] = T(0);
  store_column(Output<A>{out.memory}, Output<A>{out.sums}, memory, at, first_feature, shape);
}

template <class T>
void causal_scan(Context& context, const ScanOutputs<T>& out, const ScanInputs<T>& in,
                 const ScanShape& shape) {
  if (shape.batch == 0 || shape.heads == 0) return;
  const auto scan = [&](const ScanColumns& columns) {
    for_each_feature_group(shape.features, [&](Index first_feature, auto group) {
      launch(context, column_launch(context, "causal_scan", columns, shape), causal_scan_kernel<group(), T>,
             out, in, first_feature, columns, shape);
    });
  };
  if (shape.normaliser || out.sums != nullptr) scan({shape.dim, 1});
  if (shape.dim > 0 && (out.y != nullptr || out.memory != nullptr)) scan({0, shape.dim});
}

}  // namespace memsizer::MEMSIZER_DEVICE
