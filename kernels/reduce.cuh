#pragma once
// Reductions over one axis: x [outer, length, inner] is reduced to y [outer, inner].

#include "kernels/map.cuh"
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

/// Where the elements of dx, from one on, have their gradients in dy [outer, inner]. The places after the
/// first need no division.
class RepeatedPlaces {
 public:
  __device__ RepeatedPlaces(Index i, Index length, Index inner)
      : length_(length), inner_(inner), column_(i % inner), step_(i / inner % length) {
    row_ = i / inner / length * inner;
  }

  __device__ Index next() {
    const Index place = row_ + column_;
    if (++column_ == inner_) {
      column_ = 0;
      if (++step_ == length_) {
        step_ = 0;
        row_ += inner_;
      }
    }
    return place;
  }

 private:
  Index length_, inner_, column_, step_, row_;
};

/// dx (+)= scale * dy, repeated along the axis. Each thread has `count` neighbours of the n elements of dx:
/// one, or on the second rung those of a store of 16 bytes, and then dx begins at a place of a vector.
template <int count, class T>
__global__ void repeat_kernel(Output<T> dx, const T* dy, Accumulate<T> scale, Index length, Index inner,
                              Index n) {
  using A = Accumulate<T>;
  const Index first = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * count;
  if (first >= n) return;
  RepeatedPlaces places(first, length, inner);
  if constexpr (count > 1) {
    if (first + count <= n) {
      ElementGroup<T, count> out;
      if (dx.accumulate) out.load(dx.data + first);
      out.contribute(dx.accumulate, [&](int) { return scale * static_cast<A>(dy[places.next()]); });
      out.store(dx.data + first);
      return;
    }
  }
  for (Index i = first; i < first + count && i < n; ++i)
    contribute(dx, i, scale * static_cast<A>(dy[places.next()]));
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
  const auto factor = static_cast<Accumulate<T>>(scale);
  constexpr int count = Vector<T>::size;
  launch_groups(context, name_of(f), n, count, is_vector_place(dx.data), repeat_kernel<1, T>,
                repeat_kernel<count, T>, dx, dy, factor, shape.length, shape.inner, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
