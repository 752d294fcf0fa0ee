#pragma once
// Operations element by element: unary functions, scaling, dropout, and binary.hpp's.

#include "memsizer/cpu/binary.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/functions.hpp"

namespace memsizer::cpu {

/// n elements of y = f(x).
template <class T>
void unary_run(T* y, const T* x, UnaryFunction f, Index n) {
  with_function(f, [&]<class Function>(Function) { apply_function<Function>(y, x, n); });
}

/// n elements of dx = f'(x) dy.
template <class T>
void gradient_run(T* dx, const T* x, const T* dy, UnaryFunction f, Index n) {
  with_function(f, [&]<class Function>(Function) { apply_gradient<Function>(dx, x, dy, n); });
}

template <class T>
void unary(Context& context, T* y, const T* x, UnaryFunction f, Index n) {
  parallel_elements(context, n,
                    [=](Index begin, Index end) { unary_run(y + begin, x + begin, f, end - begin); });
}

template <class T>
void unary_backward(Context& context, Output<T> dx, const T* dy, const T* x, UnaryFunction f, Index n) {
  // Through a buffer in the cache: each gradient is compiled once, and not for writing and for adding.
  parallel_elements(context, n, [=](Index begin, Index end) {
    alignas(64) T gradient[chunk_size];
    for (Index i = begin; i < end; i += chunk_size) {
      const Index length = std::min(chunk_size, end - i);
      gradient_run(gradient, x + i, dy + i, f, length);
      contribute(dx, i, array(gradient, length));
    }
  });
}

template <class T>
void affine(Context& context, Output<T> y, const T* x, double scale, double shift, Index n) {
  parallel_elements(context, n, [=](Index begin, Index end) {
    contribute(y, begin, array(x + begin, end - begin) * static_cast<T>(scale) + static_cast<T>(shift));
  });
}

template <class T>
void scale_by(Context& context, Output<T> y, const T* x, const Accumulate<T>* scale, Index n) {
  parallel_elements(context, n, [=](Index begin, Index end) {
    contribute(y, begin, array(x + begin, end - begin) * static_cast<T>(*scale));
  });
}

template <class T>
void dropout(Context& context, Output<T> y, const T* x, const Dropout& dropout, Index n) {
  if (!dropout) return affine(context, y, x, 1, 0, n);
  const DropoutMask mask(dropout);
  parallel_elements(context, n, [=](Index begin, Index end) {
    alignas(64) T factors[chunk_size];
    for (Index i = begin; i < end; i += chunk_size) {
      const Index length = std::min(chunk_size, end - i);
      mask.fill(factors, static_cast<std::uint64_t>(i), length);
      contribute(y, i, array(x + i, length) * array(factors, length));
    }
  });
}

/// y (+)= x, converted.
template <class To, class From>
void convert(Context& context, Output<To> y, const From* x, Index n) {
  parallel_for(context, n, 1, [=](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) y.data[i] = static_cast<To>(y.accumulate ? y.data[i] + x[i] : x[i]);
  });
}

template <class T>
inline constexpr ElementwiseKernels<T> elementwise_kernels{.unary = unary<T>,
                                                           .unary_backward = unary_backward<T>,
                                                           .binary = binary<T>,
                                                           .binary_backward = binary_backward<T>,
                                                           .affine = affine<T>,
                                                           .scale_by = scale_by<T>,
                                                           .dropout = dropout<T>,
                                                           .widen = convert<Accumulate<T>, T>,
                                                           .narrow = convert<T, Accumulate<T>>};

}  // namespace memsizer::cpu
