#pragma once
// The kernels that every tape needs: fill an array, y (+)= scale x + shift, dropout, conversions. One more
// kernel puts the rows of a state in another order.

#include "kernels/dropout_mask.cuh"
#include "kernels/map.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class T>
__global__ void fill_kernel(T* y, T value, Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = value;
}

template <class A>
struct Affine {
  A scale, shift;
  __device__ A operator()(A x) const { return scale * x + shift; }
};

template <class A>
struct ScaleBy {
  const A* scale;
  __device__ A operator()(A x) const { return *scale * x; }
};

template <class A>
struct Same {
  __device__ A operator()(A x) const { return x; }
};

/// y (+)= mask * x. Each thread has the four elements that share a draw.
template <class T>
__global__ void dropout_kernel(Output<T> y, const T* x, DropoutMask mask, Index n) {
  using A = Accumulate<T>;
  const Index group = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (4 * group >= n) return;
  A factors[4];
  mask.factors_of_four(factors, group);
  MEMSIZER_UNROLL
  for (Index k = 0; k < 4; ++k) {
    const Index i = 4 * group + k;
    if (i < n) contribute(y, i, factors[k] * static_cast<A>(x[i]));
  }
}

/// The first used_words of row r of y = those of row rows[r] of x. Each thread copies one of n words.
template <class Word>
__global__ void gather_rows_kernel(Word* y, const Word* x, const Id* rows, Index row_words, Index used_words,
                                   Index n) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Index row = i / used_words, word = i % used_words;
  y[row * row_words + word] = x[rows[row] * row_words + word];
}

template <class T>
void fill(Context& context, T* y, T value, Index n) {
  launch_elements(context, "fill", n, fill_kernel<T>, y, value, n);
}

template <class T>
void affine(Context& context, Output<T> y, const T* x, double scale, double shift, Index n) {
  using A = Accumulate<T>;
  launch_map(context, "affine", y, x, Affine<A>{static_cast<A>(scale), static_cast<A>(shift)}, n);
}

template <class T>
void scale_by(Context& context, Output<T> y, const T* x, const Accumulate<T>* scale, Index n) {
  launch_map(context, "scale_by", y, x, ScaleBy<Accumulate<T>>{scale}, n);
}

template <class T>
void dropout(Context& context, Output<T> y, const T* x, const Dropout& dropout, Index n) {
  if (!dropout) return affine(context, y, x, 1, 0, n);
  launch_elements(context, "dropout", divide_up(n, 4), dropout_kernel<T>, y, x, DropoutMask(dropout), n);
}

template <class Word>
void gather_words(Context& context, void* y, const void* x, const Id* rows, Index count, Index row_bytes,
                  Index used_bytes) {
  const Index size = sizeof(Word), n = count * (used_bytes / size);
  launch_elements(context, "gather_rows", n, gather_rows_kernel<Word>, static_cast<Word*>(y),
                  static_cast<const Word*>(x), rows, row_bytes / size, used_bytes / size, n);
}

/// Copies words of four bytes if a row and its used part are whole numbers of them. Else it copies bytes, as
/// for a row of three bfloat16.
inline void gather_rows(Context& context, void* y, const void* x, const Id* rows, Index count,
                        Index row_bytes, Index used_bytes) {
  if (row_bytes % 4 == 0 && used_bytes % 4 == 0)
    gather_words<std::uint32_t>(context, y, x, rows, count, row_bytes, used_bytes);
  else
    gather_words<unsigned char>(context, y, x, rows, count, row_bytes, used_bytes);
}

/// y (+)= x, in another type.
template <class To, class From>
void convert(Context& context, Output<To> y, const From* x, Index n) {
  launch_map(context, "convert", y, x, Same<Accumulate<To>>{}, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
