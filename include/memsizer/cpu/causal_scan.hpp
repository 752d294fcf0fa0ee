#pragma once
// MemSizer's causal layer as a scan over chunks of time. With M the memory before a chunk,
//   y = scale (tril(P K^T) V + P M),  M += K^T V,
// so that the state is [slots, dim] and nothing of [time, slots, dim] is ever stored.

#include <Eigen/Core>
#include <algorithm>
#include <numeric>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/product.hpp"

namespace memsizer::cpu {

/// The tokens of a chunk: enough for fast products, few enough that the square of their own products costs no
/// more than those with the memory.
inline constexpr Index scan_chunk = 32;

/// Up to this many tokens at a time the memory is walked token by token.
inline constexpr Index scan_steps = 2;

/// The real tokens of a row.
inline Index length_of(const MemSizerShape& shape, Index batch) {
  return shape.lengths == nullptr ? shape.time : std::clamp<Index>(shape.lengths[batch], 0, shape.time);
}

/// The scale of the memory after a token of a row.
template <class T>
T scan_scale(const MemSizerShape& shape, Index batch, Index token) {
  return memory_scale<T>((shape.counts == nullptr ? 0 : shape.counts[batch]) + token + 1);
}

/// out [n, n] = x y^T for chunks x, y [n, width], with what looks ahead cleared.
template <class T>
void past_products(T* out, const T* x, const T* y, Index n, Index width) {
  product(out, false, x, y, contiguous_product(n, n, width, {.b = true}));
  for (Index row = 0; row < n; ++row) std::fill(out + row * n + row + 1, out + (row + 1) * n, T(0));
}

/// The scan of one row of the batch over `columns` columns of v, y and the memory, at which the pointers
/// point; rows of these lie shape.dim apart.
template <class T>
class ScanPart {
 public:
  ScanPart(const MemSizerShape& shape, Index batch, Index columns, T* memory, Index memory_leading)
      : shape_(shape), batch_(batch), columns_(columns), memory_(memory), leading_(memory_leading) {}

  void load_memory(const T* memory_in) const {
    auto state = matrix(memory_, shape_.slots, columns_, leading_);
    if (memory_in == nullptr)
      state.setZero();
    else if (memory_in != memory_)
      state = matrix(memory_in, shape_.slots, columns_, shape_.dim);
  }

  /// y and the memory after `n` tokens from `token` on, token by token: the memory is read once a token.
  void step(T* y, const T* p, const T* k, const T* v, Index token, Index n) const {
    for (Index t = token; t < token + n; ++t) {
      auto out = array(y + t * shape_.dim, columns_);
      out.setZero();
      for (Index slot = 0; slot < shape_.slots; ++slot) {
        auto state = array(memory_ + slot * leading_, columns_);
        state += k[t * shape_.slots + slot] * array(v + t * shape_.dim, columns_);
        out += p[t * shape_.slots + slot] * state;
      }
      out *= scan_scale<T>(shape_, batch_, t);
    }
  }

  /// The same for a chunk, by matrix products.
  void advance(T* y, const T* p, const T* k, const T* v, Index token, Index n) const {
    struct Past;
    T* const past = scratch<T, Past>(scan_chunk * scan_chunk);
    p += token * shape_.slots;
    k += token * shape_.slots;
    v += token * shape_.dim;
    y += token * shape_.dim;
    past_products(past, p, k, n, shape_.slots);
    MatmulShape of_past = contiguous_product(n, columns_, n);
    of_past.b_leading = of_past.c_leading = shape_.dim;
    product(y, false, past, v, of_past);
    MatmulShape of_memory = contiguous_product(n, columns_, shape_.slots);
    of_memory.b_leading = leading_;
    of_memory.c_leading = shape_.dim;
    product(y, true, p, memory_, of_memory);
    for (Index i = 0; i < n; ++i)
      array(y + i * shape_.dim, columns_) *= scan_scale<T>(shape_, batch_, token + i);
    add_outer_products(k, v, n);
  }

  /// memory [slots, columns] += k^T v over n tokens.
  void add_outer_products(const T* k, const T* v, Index n) const {
    MatmulShape outer = contiguous_product(shape_.slots, columns_, n, {.a = true});
    outer.b_leading = shape_.dim;
    outer.c_leading = leading_;
    product(memory_, true, k, v, outer);
  }

 private:
  const MemSizerShape& shape_;
  Index batch_, columns_;
  T* memory_;
  Index leading_;
};

/// Clears rows begin .. end of x [rows, columns], unless they are added to.
template <class T>
void clear_rows(Output<T> x, Index begin, Index end, Index columns, Index leading) {
  if (x && !x.accumulate) matrix(x.data + begin * leading, end - begin, columns, leading).setZero();
}

template <class T>
void causal_scan(Context& context, T* y, Accumulate<T>* memory_out, const T* p, const T* k, const T* v,
                 const Accumulate<T>* memory_in, const MemSizerShape& shape) {
  if (shape.batch == 0) return;
  // Columns are independent of each other: a small batch is divided by columns too.
  struct Memory;
  const Index threads = thread_count(context);
  const Index parts_wanted = shape.batch >= 4 * threads ? 1 : threads / std::gcd(threads, shape.batch);
  const Index width = divide_up(shape.dim, Tile<T>::columns * parts_wanted) * Tile<T>::columns;
  const Index parts = width == 0 ? 0 : divide_up(shape.dim, width);
  parallel_for(
      context, shape.batch * parts, shape.time * shape.slots * width / 4, [=](Index begin, Index end) {
        for (Index unit = begin; unit < end; ++unit) {
          const Index batch = unit / parts, first = unit % parts * width;
          const Index columns = std::min(width, shape.dim - first), length = length_of(shape, batch);
          const Index tokens = batch * shape.time, state = batch * shape.slots * shape.dim + first;
          const bool keep = memory_out != nullptr;
          const ScanPart<T> part(shape, batch, columns,
                                 keep ? memory_out + state : scratch<T, Memory>(shape.slots * columns),
                                 keep ? shape.dim : columns);
          part.load_memory(memory_in == nullptr ? nullptr : memory_in + state);
          T* const out = y + tokens * shape.dim + first;
          const T *weights = p + tokens * shape.slots, *keys = k + tokens * shape.slots;
          const T* const values = v + tokens * shape.dim + first;
          for (Index token = 0; token < length; token += scan_chunk) {
            const Index n = std::min(scan_chunk, length - token);
            if (n <= scan_steps)
              part.step(out, weights, keys, values, token, n);
            else
              part.advance(out, weights, keys, values, token, n);
          }
          clear_rows<T>({out}, length, shape.time, columns, shape.dim);
        }
      });
}

}  // namespace memsizer::cpu
