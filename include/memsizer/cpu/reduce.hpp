#pragma once
// Reductions over one axis.

#include <limits>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/sum.hpp"

namespace memsizer::cpu {

/// y = scale * the sum of x over the middle axis.
template <class T>
void sum_axis(Context& context, T* y, const T* x, double scale, const AxisShape& shape) {
  Walk walk{.rank = 3,
            .extents = {shape.outer, shape.length, shape.inner},
            .y_strides = {shape.length * shape.inner, shape.inner, 1},
            .a_strides = {shape.inner, 0, 1}};
  walk = merge_axes(walk);
  sum_repeated<T>(context, {y, false}, walk, scale, [=](T*, const Offsets& at, Index) { return x + at.y; });
}

/// body(outer place, first inner place, n) for runs of n <= chunk_size inner neighbours.
template <class Body>
void for_each_column_run(Context& context, const AxisShape& shape, const Body& body) {
  parallel_for(context, shape.outer * shape.inner, shape.length, [&](Index begin, Index end) {
    while (begin < end) {
      const Index first = begin % shape.inner;
      const Index n = std::min({end - begin, shape.inner - first, chunk_size});
      body(begin / shape.inner, first, n);
      begin += n;
    }
  });
}

/// maxima[i] = the largest of x along the axis, for n neighbours; -inf where the axis is empty.
template <class T>
void column_maxima(T* maxima, const T* x, const AxisShape& shape, Index n) {
  if (shape.inner == 1) {
    *maxima = largest_of<Eigen::PropagateNaN>(array(x, shape.length));
    return;
  }
  std::fill_n(maxima, n, -std::numeric_limits<T>::infinity());
  for (Index j = 0; j < shape.length; ++j)
    for (Index i = 0; i < n; ++i) maxima[i] = larger(maxima[i], x[j * shape.inner + i]);
}

template <class T>
void maximum(Context& context, T* y, const T* x, const AxisShape& shape) {
  for_each_column_run(context, shape, [=](Index outer, Index first, Index n) {
    column_maxima(y + outer * shape.inner + first, x + outer * shape.length * shape.inner + first, shape, n);
  });
}

template <class T>
void maximum_backward(Context& context, Output<T> dx, const T* dy, const T* x, const AxisShape& shape) {
  for_each_column_run(context, shape, [=](Index outer, Index first, Index n) {
    const Index at = outer * shape.length * shape.inner + first;
    T maxima[chunk_size];
    T remaining[chunk_size];  // dy until the first maximum takes it, then 0
    column_maxima(maxima, x + at, shape, n);
    std::copy_n(dy + outer * shape.inner + first, n, remaining);
    for (Index j = 0; j < shape.length; ++j)
      for (Index i = 0; i < n; ++i) {
        const T value = x[at + j * shape.inner + i];
        const bool found = value == maxima[i] || std::isnan(value);
        T& target = dx.data[at + j * shape.inner + i];
        target = (dx.accumulate ? target : T{0}) + (found ? remaining[i] : T{0});
        if (found) remaining[i] = 0;
      }
  });
}

/// The maximum of no elements is -inf.
template <class T>
void reduce(Context& context, T* y, const T* x, ReduceFunction f, const AxisShape& shape) {
  switch (f) {
    case ReduceFunction::sum:
      return sum_axis(context, y, x, 1.0, shape);
    case ReduceFunction::mean:
      return sum_axis(context, y, x, 1.0 / static_cast<double>(shape.length), shape);
    case ReduceFunction::maximum:
      return maximum(context, y, x, shape);
  }
}

template <class T>
void reduce_backward(Context& context, Output<T> dx, const T* dy, const T* x, ReduceFunction f,
                     const AxisShape& shape) {
  if (f == ReduceFunction::maximum) return maximum_backward(context, dx, dy, x, shape);
  const T scale = f == ReduceFunction::mean ? 1 / static_cast<T>(shape.length) : T{1};
  if (shape.inner == 1) {
    parallel_rows(context, shape.outer, shape.length, [=](Index row) {
      contribute(dx, row * shape.length, Constant<T>{dy[row] * scale, shape.length});
    });
    return;
  }
  parallel_rows(context, shape.outer * shape.length, shape.inner, [=](Index row) {
    contribute(dx, row * shape.inner, array(dy + row / shape.length * shape.inner, shape.inner) * scale);
  });
}

template <class T>
inline constexpr ReduceKernels<T> reduce_kernels{.reduce = reduce<T>, .reduce_backward = reduce_backward<T>};

}  // namespace memsizer::cpu
