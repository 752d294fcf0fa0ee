#pragma once
// Binary operations with broadcasting, and their gradients summed over repeated axes.

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/sum.hpp"
#include "memsizer/cpu/walk.hpp"

namespace memsizer::cpu {

template <class T>
void binary_run(T* y, const T* a, const T* b, BinaryFunction f, Index n) {
  const auto out = array(y, n);
  const auto left = array(a, n), right = array(b, n);
  switch (f) {
    case BinaryFunction::add:
      out = left + right;
      break;
    case BinaryFunction::subtract:
      out = left - right;
      break;
    case BinaryFunction::multiply:
      out = left * right;
      break;
    case BinaryFunction::divide:
      out = left / right;
      break;
  }
}

template <class T>
void binary(Context& context, T* y, const T* a, const T* b, BinaryFunction f, const Walk& walk) {
  const Walk plain = merge_axes(walk);
  const Index a_stride = plain.a_strides[plain.rank - 1], b_stride = plain.b_strides[plain.rank - 1];
  const Index step = a_stride == 1 && b_stride == 1 ? size(plain) : chunk_size;
  parallel_elements(context, size(plain), [&](Index begin, Index end) {
    alignas(64) T left[chunk_size];
    alignas(64) T right[chunk_size];
    for_each_run(plain, begin, end, [&](const Offsets& at, Index n) {
      for (Index i = 0; i < n; i += step) {
        const Index length = std::min(step, n - i);
        binary_run(y + at.y + i, contiguous_run(a + at.a + i * a_stride, a_stride, length, left),
                   contiguous_run(b + at.b + i * b_stride, b_stride, length, right), f, length);
      }
    });
  });
}

/// An operand of a binary operation along the last axis of a walk. If the gradient does not need its
/// elements, data may be null.
template <class T>
struct Operand {
  const T* data;
  Index stride;

  /// The n <= chunk_size elements from an offset on.
  const T* run(Index offset, Index n, T* buffer) const {
    return contiguous_run(data + offset, stride, n, buffer);
  }
};

/// n terms df/da dy (if left) or df/db dy.
template <bool left, class T>
const T* gradient_terms(T* buffer, const T* dy, const Operand<T>& a, const Operand<T>& b, BinaryFunction f,
                        const Offsets& at, Index n) {
  if (f == BinaryFunction::add || (left && f == BinaryFunction::subtract)) return dy + at.y;
  alignas(64) T a_buffer[chunk_size];
  alignas(64) T b_buffer[chunk_size];
  const auto out = array(buffer, n);
  const auto dout = array(dy + at.y, n);
  if (f == BinaryFunction::subtract) {
    out = -dout;
  } else if (f == BinaryFunction::multiply) {
    out = dout * array(left ? b.run(at.b, n, b_buffer) : a.run(at.a, n, a_buffer), n);
  } else {
    const auto divisor = array(b.run(at.b, n, b_buffer), n);
    if constexpr (left)
      out = dout / divisor;
    else
      out = -dout * (array(a.run(at.a, n, a_buffer), n) / divisor) / divisor;
  }
  return buffer;
}

template <class T>
void binary_backward(Context& context, Output<T> da, Output<T> db, const T* dy, const T* a, const T* b,
                     BinaryFunction f, const Walk& walk) {
  Walk plain = merge_axes(walk);
  const int last = plain.rank - 1;
  const Operand<T> left{a, plain.a_strides[last]}, right{b, plain.b_strides[last]};
  if (da)
    sum_repeated(context, da, plain, 1, [=](T* buffer, const Offsets& at, Index n) {
      return gradient_terms<true>(buffer, dy, left, right, f, at, n);
    });
  if (!db) return;
  // sum_repeated sums into the array of the a strides.
  for (int axis = 0; axis < plain.rank; ++axis) std::swap(plain.a_strides[axis], plain.b_strides[axis]);
  sum_repeated(context, db, plain, 1, [=](T* buffer, const Offsets& at, Index n) {
    return gradient_terms<false>(buffer, dy, left, right, f, {at.y, at.b, at.a}, n);
  });
}

}  // namespace memsizer::cpu
