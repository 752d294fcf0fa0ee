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
            .extents = {shape.outer, shape.axis, shape.inner},
            .y_strides = {shape.axis * shape.inner, shape.inner, 1},
            .a_strides = {shape.inner, 0, 1}};
  walk = merge_axes(walk);
  sum_repeated<T>(context, {y, false}, walk, scale, [=](T*, const Offsets& at, Index) { return x + at.y; });
}

/// The place of the first of the largest of n elements, `stride` apart; of the first NaN if there is one.
template <class T>
Index first_maximum(const T* x, Index stride, Index n) {
  Index best = 0;
  for (Index i = 1; i < n; ++i)
    if (!(x[i * stride] <= x[best * stride])) {
      if (std::isnan(x[best * stride])) break;
      best = i;
    }
  return best;
}

/// body(x offset of the first element, y offset) for each place of the reduced array.
template <class Body>
void for_each_reduced(Context& context, const AxisShape& shape, const Body& body) {
  parallel_for(context, shape.outer * shape.inner, shape.axis, [&](Index begin, Index end) {
    for (Index place = begin; place < end; ++place)
      body(place / shape.inner * shape.axis * shape.inner + place % shape.inner, place);
  });
}

/// The maximum of no elements is -inf.
template <class T>
void reduce(Context& context, T* y, const T* x, ReduceFunction f, const AxisShape& shape) {
  switch (f) {
    case ReduceFunction::sum:
      return sum_axis(context, y, x, 1.0, shape);
    case ReduceFunction::mean:
      return sum_axis(context, y, x, 1.0 / static_cast<double>(shape.axis), shape);
    case ReduceFunction::maximum:
      return for_each_reduced(context, shape, [=](Index from, Index to) {
        y[to] = shape.axis == 0 ? -std::numeric_limits<T>::infinity()
                                : x[from + first_maximum(x + from, shape.inner, shape.axis) * shape.inner];
      });
  }
}

template <class T>
void reduce_backward(Context& context, Gradient<T> dx, const T* dy, const T* x, ReduceFunction f,
                     const AxisShape& shape) {
  if (f == ReduceFunction::maximum) {
    for_each_reduced(context, shape, [=](Index to, Index from) {
      if (shape.axis == 0) return;
      if (!dx.accumulate)
        for (Index i = 0; i < shape.axis; ++i) dx.data[to + i * shape.inner] = 0;
      dx.data[to + first_maximum(x + to, shape.inner, shape.axis) * shape.inner] += dy[from];
    });
    return;
  }
  const T scale = f == ReduceFunction::mean ? 1 / static_cast<T>(shape.axis) : T{1};
  parallel_rows(context, shape.outer * shape.axis, shape.inner, [=](Index row) {
    contribute(dx, row * shape.inner, array(dy + row / shape.axis * shape.inner, shape.inner) * scale);
  });
}

template <class T>
inline constexpr ReduceKernels<T> reduce_kernels{.reduce = reduce<T>, .reduce_backward = reduce_backward<T>};

}  // namespace memsizer::cpu
