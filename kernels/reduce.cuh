#pragma once
// Reductions over one axis: x [outer, length, inner] is reduced to y [outer, inner].

#include "kernels/repeated_sum.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The maximum of no elements is -inf, their sum 0, and their mean NaN.
template <class T>
void reduce(Context& context, T* y, const T* x, ReduceFunction f, const AxisShape& shape) {
  const Walk walk{.rank = 3,
                  .extents = {shape.outer, shape.length, shape.inner},
                  .y_strides = {shape.length * shape.inner, shape.inner, 1},
                  .a_strides = {shape.inner, 0, 1}};
  const Output<T> out{y};
  const ElementTerms<T> terms{x};
  const double scale = f == ReduceFunction::mean ? 1 / static_cast<double>(shape.length) : 1;
  if (f == ReduceFunction::maximum)
    reduce_repeated(context, "maximum", out, walk, scale, terms, Larger());
  else
    sum_repeated(context, name_of(f), out, walk, scale, terms);
}

/// dx (+)= scale * dy, repeated along the axis. Each thread has one of n elements of dx.
template <class T>
__global__ void repeat_kernel(Output<T> dx, const T* dy, Accumulate<T> scale, Index length, Index inner,
                              Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Index column = i % inner, outer = i / inner / length;
  contribute(dx, i, scale * static_cast<Accumulate<T>>(dy[outer * inner + column]));
}

struct Least {
  __device__ Index operator()(Index a, Index b) const { return b < a ? b : a; }
};

/// dx (+)= dy at the first of the largest elements (NaN is larger than all), and 0 at the others. Each of
/// `rows` = outer * inner maxima has a warp or a block.
template <class T, bool whole_block>
__global__ void maximum_backward_kernel(Output<T> dx, const T* dy, const T* x, Index rows, Index length,
                                        Index inner) {
  using A = Accumulate<T>;
  using Threads = RowThreads<whole_block>;
  const Index row = Threads::row();
  if (row >= rows) return;
  const Index origin = row / inner * length * inner + row % inner;
  const auto value = [&](Index j) { return static_cast<A>(x[origin + j * inner]); };
  A maximum = neutral<A>(Larger());
  for (Index j = Threads::first(); j < length; j += Threads::step()) maximum = Larger()(maximum, value(j));
  maximum = Threads::combine(maximum, Larger(), neutral<A>(Larger()));
  Index place = Threads::first();  // where the thread finds its first maximum
  while (place < length && !(value(place) == maximum || std::isnan(value(place)))) place += Threads::step();
  place = Threads::combine(place < length ? place : length, Least(), length);
  const A gradient = static_cast<A>(dy[row]);
  for (Index j = Threads::first(); j < length; j += Threads::step())
    contribute(dx, origin + j * inner, j == place ? gradient : A(0));
}

template <class T>
void reduce_backward(Context& context, Output<T> dx, const T* dy, const T* x, ReduceFunction f,
                     const AxisShape& shape) {
  const Index rows = shape.outer * shape.inner, n = rows * shape.length;
  if (n == 0) return;
  if (f == ReduceFunction::maximum) {
    launch_rows(context, "maximum_backward", maximum_backward_kernel<T, false>,
                maximum_backward_kernel<T, true>, rows, shape.length, dx, dy, x, rows, shape.length,
                shape.inner);
    return;
  }
  const double scale = f == ReduceFunction::mean ? 1 / static_cast<double>(shape.length) : 1;
  launch_elements(context, name_of(f), n, repeat_kernel<T>, dx, dy, static_cast<Accumulate<T>>(scale),
                  shape.length, shape.inner, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
