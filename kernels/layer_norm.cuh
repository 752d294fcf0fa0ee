#pragma once
// Layer normalisation over the rows of [rows, columns] (Ba et al. 2016).

#include "kernels/row.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// A second pass over the row computes the variance. As a difference of two large sums it would lose its
/// digits.
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    layer_norm_kernel(T* y, Accumulate<T>* mean, Accumulate<T>* inverse_deviation, const T* x,
                      const T* weight, const T* bias, Index rows, Index columns, Accumulate<T> epsilon) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const typename Row::Values in(x + row * columns, columns);
  A sum = 0, squares = 0;
  Row::for_each_place(columns, [&](auto place) { sum += in[place]; });
  const A centre = Row::Threads::sum(sum) / static_cast<A>(columns);
  Row::for_each_place(columns, [&](auto place) { squares += (in[place] - centre) * (in[place] - centre); });
  const A factor = 1 / std::sqrt(Row::Threads::sum(squares) / static_cast<A>(columns) + epsilon);
  if (Row::Threads::first() == 0) {
    mean[row] = centre;
    inverse_deviation[row] = factor;
  }
  const typename Row::Values scale(weight, columns), shift(bias, columns);
  typename Row::Results out({y}, row * columns, columns);
  Row::for_each_place(columns, [&](auto place) {
    out.set(place, (in[place] - centre) * factor * scale[place] + shift[place]);
  });
}

/// Computes dx. dweight and dbias are sums over rows, which the kernels below compute.
template <class T, class Row>
__global__ void __launch_bounds__(most_row_threads)
    layer_norm_backward_kernel(Output<T> dx, const T* dy, const Accumulate<T>* mean,
                               const Accumulate<T>* inverse_deviation, const T* x, const T* weight,
                               Index rows, Index columns) {
  using A = Accumulate<T>;
  const Index row = Row::Threads::row();
  if (row >= rows) return;
  const typename Row::Values in(x + row * columns, columns), of_dy(dy + row * columns, columns),
      scale(weight, columns);
  const A centre = mean[row], factor = inverse_deviation[row];
  const auto normal = [&](auto place) { return (in[place] - centre) * factor; };
  const auto g = [&](auto place) { return of_dy[place] * scale[place]; };
  A g_sum = 0, product_sum = 0;
  Row::for_each_place(columns, [&](auto place) {
    g_sum += g(place);
    product_sum += g(place) * normal(place);
  });
  const A g_mean = Row::Threads::sum(g_sum) / static_cast<A>(columns);
  const A product_mean = Row::Threads::sum(product_sum) / static_cast<A>(columns);
  typename Row::Results out(dx, row * columns, columns);
  Row::for_each_place(columns, [&](auto place) {
    out.set(place, factor * (g(place) - g_mean - normal(place) * product_mean));
  });
}

/// Sums over a piece of the rows: weight_sums of dy (x - mean) inverse_deviation and bias_sums of dy, both
/// [pieces, columns]. A block has 32 columns, one for each lane, and its warps take turns at the rows of
/// piece blockIdx.y.
template <class T>
__global__ void layer_norm_pieces_kernel(Accumulate<T>* weight_sums, Accumulate<T>* bias_sums, const T* dy,
                                         const Accumulate<T>* mean, const Accumulate<T>* inverse_deviation,
                                         const T* x, Index rows, Index columns) {
  using A = Accumulate<T>;
  MEMSIZER_SHARED(A, of_warp, 2 * warp_threads * warp_threads);
  const Index lane = threadIdx.x % warp_threads, warp = threadIdx.x / warp_threads;
  const Index warps = blockDim.x / warp_threads, column = Index{blockIdx.x} * warp_threads + lane;
  const Index piece = blockIdx.y, pieces = gridDim.y;
  A weight_sum = 0, bias_sum = 0;
  if (column < columns)
    for (Index row = rows * piece / pieces + warp; row < rows * (piece + 1) / pieces; row += warps) {
      const A dout = static_cast<A>(dy[row * columns + column]);
      weight_sum += dout * (static_cast<A>(x[row * columns + column]) - mean[row]) * inverse_deviation[row];
      bias_sum += dout;
    }
  of_warp[2 * warp * warp_threads + lane] = weight_sum;
  of_warp[(2 * warp + 1) * warp_threads + lane] = bias_sum;
  __syncthreads();
  if (warp != 0 || column >= columns) return;
  for (Index other = 1; other < warps; ++other) {
    weight_sum += of_warp[2 * other * warp_threads + lane];
    bias_sum += of_warp[(2 * other + 1) * warp_threads + lane];
  }
  weight_sums[piece * columns + column] = weight_sum;
  bias_sums[piece * columns + column] = bias_sum;
}

/// dweight, dbias (+)= the sums of the pieces in order; either may be null.
template <class A>
__global__ void layer_norm_sum_kernel(Output<A> dweight, Output<A> dbias, const A* weight_sums,
                                      const A* bias_sums, Index pieces, Index columns) {
  const Index column = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (column >= columns) return;
  A weight_sum = 0, bias_sum = 0;
  for (Index piece = 0; piece < pieces; ++piece) {
    weight_sum += weight_sums[piece * columns + column];
    bias_sum += bias_sums[piece * columns + column];
  }
  if (dweight) contribute(dweight, column, weight_sum);
  if (dbias) contribute(dbias, column, bias_sum);
}

template <class T>
void layer_norm(Context& context, T* y, Accumulate<T>* mean, Accumulate<T>* inverse_deviation, const T* x,
                const T* weight, const T* bias, Index rows, Index columns, double epsilon) {
  launch_any_rows<T, 3>(
      context, "layer_norm", rows, columns, [](auto row) { return layer_norm_kernel<T, decltype(row)>; }, y,
      mean, inverse_deviation, x, weight, bias, rows, columns, epsilon);
}

template <class T>
void layer_norm_backward(Context& context, Output<T> dx, Output<Accumulate<T>> dweight,
                         Output<Accumulate<T>> dbias, const T* dy, const Accumulate<T>* mean,
                         const Accumulate<T>* inverse_deviation, const T* x, const T* weight, Index rows,
                         Index columns) {
  using A = Accumulate<T>;
  if (dx)
    launch_any_rows<T, 3>(
        context, "layer_norm_backward", rows, columns,
        [](auto row) { return layer_norm_backward_kernel<T, decltype(row)>; }, dx, dy, mean,
        inverse_deviation, x, weight, rows, columns);
  if ((!dweight && !dbias) || columns == 0) return;
  constexpr Index rows_a_piece = 64, most_pieces = 64;
  const Index pieces = std::clamp<Index>(rows / rows_a_piece, 1, most_pieces);
  A* weight_sums = workspace<A>(context, 2 * pieces * columns);
  A* bias_sums = weight_sums + pieces * columns;
  const unsigned threads = threads_per_block(context, 256);
  launch(context,
         {.kernel = "layer_norm_pieces",
          .blocks = dim3(grid_extent("layer_norm_pieces", divide_up(columns, warp_threads)),
                         grid_extent("layer_norm_pieces", pieces)),
          .threads = threads},
         layer_norm_pieces_kernel<T>, weight_sums, bias_sums, dy, mean, inverse_deviation, x, rows, columns);
  launch_elements(context, "layer_norm_sum", columns, layer_norm_sum_kernel<A>, dweight, dbias, weight_sums,
                  bias_sums, pieces, columns);
}

template <class T>
inline constexpr NormKernels<T> norm_kernels{.layer_norm = layer_norm<T>,
                                             .layer_norm_backward = layer_norm_backward<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
