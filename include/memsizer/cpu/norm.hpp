#pragma once
// Layer normalisation over rows.

#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

/// A second pass over the row computes the variance, since the difference of two large sums would lose
/// digits.
template <class T>
void layer_norm(Context& context, T* y, Accumulate<T>* mean, Accumulate<T>* inverse_deviation, const T* x,
                const T* weight, const T* bias, Index rows, Index columns, double epsilon) {
  using A = Accumulate<T>;
  parallel_rows(context, rows, columns, [=](Index row) {
    const auto in = array(x + row * columns, columns).template cast<A>();
    const A centre = in.sum() / static_cast<A>(columns);
    const A variance = (in - centre).square().sum() / static_cast<A>(columns);
    const A factor = 1 / std::sqrt(variance + static_cast<A>(epsilon));
    mean[row] = centre;
    inverse_deviation[row] = factor;
    array(y + row * columns, columns) = ((in - centre) * factor * array(weight, columns).template cast<A>() +
                                         array(bias, columns).template cast<A>())
                                            .template cast<T>();
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
  Eigen::Array<A, Eigen::Dynamic, Eigen::Dynamic> weight_sums(columns, pieces), bias_sums(columns, pieces);
  parallel_for(context, pieces, divide_up(rows, pieces) * columns, [&](Index begin, Index end) {
    for (Index piece = begin; piece < end; ++piece) {
      auto weight_sum = weight_sums.col(piece);
      auto bias_sum = bias_sums.col(piece);
      weight_sum.setZero();
      bias_sum.setZero();
      for (Index row = rows * piece / pieces; row < rows * (piece + 1) / pieces; ++row) {
        const auto dout = array(dy + row * columns, columns).template cast<A>();
        const auto normal =
            (array(x + row * columns, columns).template cast<A>() - mean[row]) * inverse_deviation[row];
        weight_sum += dout * normal;
        bias_sum += dout;
        if (!dx) continue;
        const auto g = dout * array(weight, columns).template cast<A>();
        const A g_mean = g.sum() / static_cast<A>(columns);
        const A product_mean = (g * normal).sum() / static_cast<A>(columns);
        contribute(dx, row * columns,
                   (inverse_deviation[row] * (g - g_mean - normal * product_mean)).template cast<T>());
      }
    }
  });
  for (Index piece = 1; piece < pieces; ++piece) {
    weight_sums.col(0) += weight_sums.col(piece);
    bias_sums.col(0) += bias_sums.col(piece);
  }
  if (dweight) contribute(dweight, 0, weight_sums.col(0));
  if (dbias) contribute(dbias, 0, bias_sums.col(0));
}

template <class T>
inline constexpr NormKernels<T> norm_kernels{.layer_norm = layer_norm<T>,
                                             .layer_norm_backward = layer_norm_backward<T>};

}  // namespace memsizer::cpu
