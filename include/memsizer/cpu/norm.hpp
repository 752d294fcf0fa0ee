#pragma once
// Layer normalisation over rows.

#include <algorithm>
#include <cmath>
#include <vector>

#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

/// A second pass over the row computes the variance, since the difference of two large sums would lose
/// digits.
template <class T>
void layer_norm(Context& context, T* y, Accumulate<T>* mean, Accumulate<T>* inverse_deviation, const T* x,
                const T* weight, const T* bias, Index rows, Index columns, double epsilon) {
  using A = Accumulate<T>;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = converted<A>(array(x + row * columns, columns));
    const A centre = sum_of(in) / static_cast<A>(columns);
    const A variance = sum_of(square_of(in - centre)) / static_cast<A>(columns);
    const A factor = 1 / std::sqrt(variance + static_cast<A>(epsilon));
    mean[row] = centre;
    inverse_deviation[row] = factor;
    array(y + row * columns, columns) = converted<T>(
        (in - centre) * factor * converted<A>(array(weight, columns)) + converted<A>(array(bias, columns)));
  });
}

/// The rows are cut into pieces by their number alone, and the sums of the pieces are added in order.
template <class T>
void layer_norm_backward(Context& context, Output<T> dx, Output<Accumulate<T>> dweight,
                         Output<Accumulate<T>> dbias, const T* dy, const Accumulate<T>* mean,
                         const Accumulate<T>* inverse_deviation, const T* x, const T* weight, Index rows,
                         Index columns) {
  using A = Accumulate<T>;
  constexpr Index rows_a_piece = 64, most_pieces = 64;
  const Index pieces = std::clamp<Index>(rows / rows_a_piece, 1, most_pieces);
  std::vector<A> memory(static_cast<std::size_t>(2 * pieces * columns));
  const auto weight_sums = [&](Index piece) { return array(memory.data() + piece * columns, columns); };
  const auto bias_sums = [&](Index piece) { return weight_sums(pieces + piece); };
  parallel_for(context, pieces, divide_up(rows, pieces) * columns, [&](Index begin, Index end) {
    for (Index piece = begin; piece < end; ++piece) {
      for (Index row = rows * piece / pieces; row < rows * (piece + 1) / pieces; ++row) {
        const auto dout = converted<A>(array(dy + row * columns, columns));
        const auto normal =
            (converted<A>(array(x + row * columns, columns)) - mean[row]) * inverse_deviation[row];
        weight_sums(piece) += dout * normal;
        bias_sums(piece) += dout;
        if (!dx) continue;
        const auto g = dout * converted<A>(array(weight, columns));
        const A g_mean = sum_of(g) / static_cast<A>(columns);
        const A product_mean = sum_of(g * normal) / static_cast<A>(columns);
        contribute(dx, row * columns,
                   converted<T>(inverse_deviation[row] * (g - g_mean - normal * product_mean)));
      }
    }
  });
  for (Index piece = 1; piece < pieces; ++piece) {
    weight_sums(0) += weight_sums(piece);
    bias_sums(0) += bias_sums(piece);
  }
  if (dweight) contribute(dweight, 0, weight_sums(0));
  if (dbias) contribute(dbias, 0, bias_sums(0));
}

template <class T>
inline constexpr NormKernels<T> norm_kernels{.layer_norm = layer_norm<T>,
                                             .layer_norm_backward = layer_norm_backward<T>};

}  // namespace memsizer::cpu
