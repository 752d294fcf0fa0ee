#pragma once
// Helpers of the causal scan's forward and backward: one head of one row of the batch, and the decay in a
// chunk.

#include <algorithm>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/product.hpp"
#include "memsizer/cpu/row_product.hpp"

namespace memsizer::cpu {

/// The number of tokens in a chunk. It is large enough for fast products, and small enough that the products
/// among the chunk's tokens cost no more than those with the memory.
inline constexpr Index scan_chunk = 32;

/// The number of tokens in a chunk if the scan only reads or only adds, so that there are no products among
/// tokens.
inline constexpr Index scan_panel = 256;

/// Where one head of one row of the batch begins in the arrays of a scan, and the distance between its
/// tokens.
struct ScanRow {
  Index batch, length;
  Index key, key_leading;                // of queries and keys
  Index value, value_leading;            // of values and outputs
  Index normaliser, normaliser_leading;  // of normalisers
  Index decay, memory, sums;             // whose elements are a head's own

  ScanRow(const ScanShape& shape, Index unit)
      : batch(unit / shape.heads),
        length(shape.length(batch)),
        key_leading(shape.heads * shape.features),
        value_leading(shape.heads * shape.dim),
        normaliser_leading(shape.heads),
        decay(unit * shape.time),
        memory(unit * shape.features * shape.dim),
        sums(unit * shape.features) {
    const Index head = unit % shape.heads;
    key = batch * shape.time * key_leading + head * shape.features;
    value = batch * shape.time * value_leading + head * shape.dim;
    normaliser = batch * shape.time * shape.heads + head;
  }
};

/// The products of the decays g of a chunk's n tokens. Without a decay nothing is computed and all products
/// are 1.
template <class T>
class ChunkDecay {
 public:
  ChunkDecay(const T* g, Index n) : g_(g), n_(n) {
    if (g == nullptr) return;
    T product = 1;
    for (Index t = 0; t < n; ++t) until_[t] = product *= g[t];
    product = 1;
    for (Index t = n; t-- > 0; product *= g[t]) after_[t] = product;
  }

  explicit operator bool() const { return g_ != nullptr; }

  /// g_0 .. g_t: what is left of the memory before the chunk when token t reads it.
  T until(Index t) const { return g_ == nullptr ? T(1) : until_[t]; }
  /// g_(t+1) .. g_(n-1): what is left of token t's part behind the chunk.
  T after(Index t) const { return g_ == nullptr ? T(1) : after_[t]; }
  T whole() const { return until(n_ - 1); }

  /// square[j, i] *= g_(i+1) .. g_j for i <= j: what is left of token i's part when token j reads it.
  void within(T* square) const {
    for (Index j = 0; j < n_ && g_ != nullptr; ++j) {
      T product = 1;
      for (Index i = j; i-- > 0;) square[j * n_ + i] *= product *= g_[i + 1];
    }
  }

 private:
  const T* g_;
  Index n_;
  T until_[scan_panel], after_[scan_panel];
};

/// The distances between the rows of a product's three matrices.
struct Leading {
  Index c, a, b;
};

/// The product of matrices with leading dimensions.
constexpr MatmulShape spaced_product(Index rows, Index columns, Index inner, const Leading& leading,
                                     Transposes transposes = {}) {
  MatmulShape shape = contiguous_product(rows, columns, inner, transposes);
  shape.a_leading = leading.a;
  shape.b_leading = leading.b;
  shape.c_leading = leading.c;
  return shape;
}

/// out [n, n] = tril(x y^T) for chunks x, y [n, width] whose rows are `leading` elements apart.
template <class T>
void past_products(T* out, const T* x, const T* y, Index n, Index width, Index leading) {
  product(out, false, x, y, spaced_product(n, n, width, {n, leading, leading}, {.b = true}));
  for (Index row = 0; row < n; ++row) std::fill(out + row * n + row + 1, out + (row + 1) * n, T(0));
}

/// x [rows, columns] *= factor, with rows `leading` elements apart.
template <class T>
void multiply_rows(T* x, Index rows, Index columns, Index leading, T factor) {
  for (Index row = 0; row < rows; ++row) array(x + row * leading, columns) *= factor;
}

/// memory [features, columns] = keep * memory + keys^T values over n tokens. The keys are contiguous if
/// key_leading is features.
template <class T>
void add_outer_products(T* memory, Index leading, T keep, const T* keys, Index key_leading, const T* values,
                        Index value_leading, Index features, Index columns, Index n) {
  if (keep != T(1)) multiply_rows(memory, features, columns, leading, keep);
  product(memory, true, keys, values,
          spaced_product(features, columns, n, {leading, key_leading, value_leading}, {.a = true}));
}

/// out [n, columns] = factor(i) times row i of x.
template <class T, class Factor>
void scale_rows(T* out, const T* x, Index leading, Index n, Index columns, const Factor& factor) {
  for (Index i = 0; i < n; ++i)
    array(out + i * columns, columns) = factor(i) * array(x + i * leading, columns);
}

/// Clears rows begin .. end of x [rows, columns], unless they are added to.
template <class T>
void clear_rows(Output<T> x, Index begin, Index end, Index columns, Index leading) {
  if (x && !x.accumulate)
    for (Index row = begin; row < end; ++row) array(x.data + row * leading, columns) = T(0);
}

}  // namespace memsizer::cpu
