#pragma once
// The gradients of the causal scan. In a chunk let X = tril(f dY V^T + dn 1^T), f the factors
// of the output and dn the gradient of the normaliser; P = tril(Q K^T); M, z the state before the chunk and
// N, w the gradients of the state behind it; D, b and e the decays as in causal_scan.hpp. Then
//   dQ = (X D) K + b (f dY M^T + dn z),  M and z as forward             forward in time
//   dK = (X D)^T Q + e (V N^T + w),  dV = (f P D)^T dY + e K N,
//   N = b_n N + (b f Q)^T dY,  w = b_n w + sum of b dn Q                backward in time
// X is computed once for both.

#include <optional>

#include "memsizer/cpu/causal_scan.hpp"
#include "memsizer/cpu/scan_decay_gradient.hpp"

namespace memsizer::cpu {

/// The elements of all squares of a head.
inline Index squares_of(const ScanShape& shape) {
  return divide_up(shape.time, scan_chunk) * scan_chunk * scan_chunk;
}

/// squares [chunks, n, n] = tril(dY V^T) of a head's chunks first .. last - 1.
template <class T>
void find_squares(T* squares, const ScanRow& row, Index dim, const T* dy, const T* values, Index first,
                  Index last) {
  for (Index chunk = first; chunk < last; ++chunk)
    if (const Index token = chunk * scan_chunk; token < row.length)
      past_products(squares + token * scan_chunk, dy + row.value + token * row.value_leading,
                    values + row.value + token * row.value_leading, std::min(scan_chunk, row.length - token),
                    dim, row.value_leading);
}

/// The two scans of one head of one row of the batch.
template <class T>
class BackwardScan {
 public:
  BackwardScan(const ScanShape& shape, Index unit, const ScanGradients<T>& gradients,
               const ScanCotangents<T>& cotangents, const ScanInputs<T>& in, const T* squares)
      : shape_(shape), row_(shape, unit), gradients_(gradients), cotangents_(cotangents), in_(in) {
    struct Factors;
    struct State;
    has_squares_ = cotangents.dy != nullptr && in.key != nullptr;
    chunk_ = has_squares_ ? scan_chunk : scan_panel;
    chunks_ = divide_up(row_.length, chunk_);
    factors_ = scratch<T, Factors>(2 * row_.length);
    dnormalisers_ = shape.normaliser ? factors_ + row_.length : nullptr;
    if (squares != nullptr)
      squares_ = squares + unit * squares_of(shape);
    else if (has_squares_)
      find_own_squares();
    memory_ = scratch<T, State>(shape.features * (shape.dim + 1));
    sums_ = memory_ + shape.features * shape.dim;
    if (gradients.ddecay) decay_gradient_.emplace(shape, row_, chunks_, in.decay + row_.decay);
    if (cotangents.dy != nullptr) find_factors();
  }

  /// Computes dquery, and keeps what the gradient of the decay needs of the states before each chunk.
  void forward() {
    load(in_.memory, in_.sums);
    for (Index chunk = 0; chunk < chunks_; ++chunk) {
      const Index token = chunk * chunk_, n = tokens(chunk);
      const ChunkDecay<T> decays(decay(token), n);
      if (decay_gradient_) decay_gradient_->keep(chunk, memory_);
      if (cotangents_.dy != nullptr) queries(token, n, decays);
      const auto after = [&](Index i) { return decays.after(i); };
      if (in_.key != nullptr)
        add(key(token), value(token), n, decays.whole(), bool(decays), after, after);
      else if (decays)
        array(memory_, shape_.features * (shape_.dim + 1)) *= decays.whole();
    }
    clear_rows(at_key(gradients_.dquery), row_.length, shape_.time, shape_.features, row_.key_leading);
  }

  /// Computes all other gradients.
  void backward() {
    load(cotangents_.dmemory, cotangents_.dsums);
    for (Index chunk = chunks_; chunk-- > 0;) {
      const Index token = chunk * chunk_, n = tokens(chunk);
      const ChunkDecay<T> decays(decay(token), n);
      if (in_.key != nullptr) {
        keys(token, n, decays);
        values(token, n, decays);
      }
      if (decay_gradient_) gradient_of_decay(chunk, n);
      if (cotangents_.dy != nullptr)
        add(
            query(token), dy(token), n, decays.whole(), true,
            [&](Index i) { return decays.until(i) * factors_[token + i]; },
            [&](Index i) { return decays.until(i) * dnormaliser(token + i); });
      else if (decays)
        array(memory_, shape_.features * (shape_.dim + 1)) *= decays.whole();
    }
    finish();
  }

 private:
  Index tokens(Index chunk) const { return std::min(chunk_, row_.length - chunk * chunk_); }
  const T* query(Index token) const { return in_.query + row_.key + token * row_.key_leading; }
  const T* key(Index token) const { return in_.key + row_.key + token * row_.key_leading; }
  const T* value(Index token) const { return in_.value + row_.value + token * row_.value_leading; }
  const T* dy(Index token) const { return cotangents_.dy + row_.value + token * row_.value_leading; }
  const T* decay(Index token) const {
    return in_.decay == nullptr ? nullptr : in_.decay + row_.decay + token;
  }
  T dnormaliser(Index token) const { return dnormalisers_ == nullptr ? T(0) : dnormalisers_[token]; }

  /// The gradient of the row's queries, keys or values.
  Output<T> at_key(Output<T> all) const { return all ? Output<T>{all.data + row_.key, all.accumulate} : all; }
  Output<T> at_value(Output<T> all) const {
    return all ? Output<T>{all.data + row_.value, all.accumulate} : all;
  }

  /// The factors of the outputs, and dn = -slope / divisor (dy . y).
  void find_factors() {
    for (Index t = 0; t < row_.length; ++t) {
      T n = 0;
      if (shape_.normaliser) {
        n = cotangents_.normalisers[row_.normaliser + t * row_.normaliser_leading];
        const T product = dot(dy(t), cotangents_.y + row_.value + t * row_.value_leading, shape_.dim);
        dnormalisers_[t] = -shape_.normaliser.slope(n) / shape_.normaliser.divisor(n) * product;
      }
      factors_[t] = scan_factor(shape_, row_.batch, t, in_.key != nullptr, n);
    }
  }

  void find_own_squares() {
    struct Squares;
    T* const squares = scratch<T, Squares>(chunks_ * chunk_ * chunk_);
    find_squares(squares, row_, shape_.dim, cotangents_.dy, in_.value, 0, chunks_);
    squares_ = squares;
  }

  void load(const T* memory, const T* sums) {
    const auto copy = [](T* to, const T* from, Index n) {
      from == nullptr ? void(std::fill_n(to, n, T(0))) : void(std::copy_n(from, n, to));
    };
    copy(memory_, memory == nullptr ? nullptr : memory + row_.memory, shape_.features * shape_.dim);
    copy(sums_, sums == nullptr ? nullptr : sums + row_.sums, shape_.features);
  }

  /// X, times D if wanted.
  T* square(Index token, Index n, const ChunkDecay<T>& decays) const {
    struct SquareMatrix;
    T* const square = scratch<T, SquareMatrix>(chunk_ * chunk_);
    std::copy_n(squares_ + token * chunk_, n * n, square);
    for (Index i = 0; i < n; ++i) {
      const auto past = array(square + i * n, i + 1);
      past = past * factors_[token + i] + dnormaliser(token + i);
    }
    decays.within(square);
    return square;
  }

  /// rows [n, features] = x memory^T
  T* times_memory(const T* x, Index n) const {
    struct Rows;
    T* const rows = scratch<T, Rows>(chunk_ * shape_.features);
    product(rows, false, x, memory_,
            spaced_product(n, shape_.features, shape_.dim, {shape_.features, row_.value_leading, shape_.dim},
                           {.b = true}));
    return rows;
  }

  /// memory = keep * memory + (factor x)^T values over n tokens, sums = keep * sums + sum of (share x).
  template <class Factor, class Share>
  void add(const T* x, const T* values, Index n, T keep, bool scaled, const Factor& factor,
           const Share& share) {
    struct Scaled;
    const Index features = shape_.features;
    const T* rows = x;
    if (scaled) {
      T* const copy = scratch<T, Scaled>(chunk_ * features);
      scale_rows(copy, x, row_.key_leading, n, features, factor);
      rows = copy;
    }
    add_outer_products(memory_, shape_.dim, keep, rows, scaled ? features : row_.key_leading, values,
                       row_.value_leading, features, shape_.dim, n);
    add_keys(sums_, keep, x, row_.key_leading, features, n, share);
  }

  void queries(Index token, Index n, const ChunkDecay<T>& decays) {
    const Index features = shape_.features;
    const Output<T> dquery = at_key(gradients_.dquery);
    T* const rows = times_memory(dy(token), n);
    for (Index i = 0; i < n; ++i) {
      const auto row = array(rows + i * features, features);
      row *= factors_[token + i];
      if (shape_.normaliser) row += dnormaliser(token + i) * array(sums_, features);
      if (decay_gradient_) decay_gradient_->read(token + i) = dot(query(token + i), row.data(), features);
      if (dquery) contribute(dquery, (token + i) * row_.key_leading, decays.until(i) * row);
    }
    if (dquery && has_squares_)
      product(dquery.data + token * row_.key_leading, true, square(token, n, decays), key(token),
              spaced_product(n, features, n, {row_.key_leading, n, row_.key_leading}));
  }

  void keys(Index token, Index n, const ChunkDecay<T>& decays) {
    const Index features = shape_.features;
    const Output<T> dkey = at_key(gradients_.dkey);
    if (!dkey && !decay_gradient_) return;
    T* const rows = times_memory(value(token), n);
    for (Index i = 0; i < n; ++i) {
      const auto row = array(rows + i * features, features);
      row += array(sums_, features);
      if (decay_gradient_) decay_gradient_->added(token + i) = dot(key(token + i), row.data(), features);
      if (dkey) contribute(dkey, (token + i) * row_.key_leading, decays.after(i) * row);
    }
    if (dkey && has_squares_)
      product(dkey.data + token * row_.key_leading, true, square(token, n, decays), query(token),
              spaced_product(n, features, n, {row_.key_leading, n, row_.key_leading}, {.a = true}));
  }

  void values(Index token, Index n, const ChunkDecay<T>& decays) {
    struct Past;
    struct Keys;
    const Index features = shape_.features, leading = row_.value_leading;
    const Output<T> dvalue = at_value(gradients_.dvalue);
    if (!dvalue) return;
    T* const out = dvalue.data + token * leading;
    T* const scaled = scratch<T, Keys>(chunk_ * features);
    scale_rows(scaled, key(token), row_.key_leading, n, features, [&](Index i) { return decays.after(i); });
    product(out, dvalue.accumulate, scaled, memory_,
            spaced_product(n, shape_.dim, features, {leading, features, shape_.dim}));
    if (!has_squares_) return;
    T* const past = scratch<T, Past>(chunk_ * chunk_);
    past_products(past, query(token), key(token), n, features, row_.key_leading);
    for (Index i = 0; i < n; ++i) array(past + i * n, n) *= factors_[token + i];
    decays.within(past);
    product(out, true, past, dy(token), spaced_product(n, shape_.dim, n, {leading, n, leading}, {.a = true}));
  }

  void gradient_of_decay(Index chunk, Index n) {
    struct Past;
    const Index token = chunk * chunk_;
    T* past = nullptr;
    if (has_squares_) {
      past = scratch<T, Past>(chunk_ * chunk_);
      past_products(past, query(token), key(token), n, shape_.features, row_.key_leading);
      array(past, n * n) *= array(square(token, n, ChunkDecay<T>(nullptr, n)), n * n);
    }
    const Output<T> ddecay{gradients_.ddecay.data + row_.decay + token, gradients_.ddecay.accumulate};
    decay_gradient_->write(ddecay, chunk, token, n, past, memory_);
  }

  /// Writes the gradients of the state before the segment, and zeros behind the row's end.
  void finish() {
    if (gradients_.dmemory)
      contribute(gradients_.dmemory, row_.memory, array(memory_, shape_.features * shape_.dim));
    if (gradients_.dsums) contribute(gradients_.dsums, row_.sums, array(sums_, shape_.features));
    clear_rows(at_key(gradients_.dkey), row_.length, shape_.time, shape_.features, row_.key_leading);
    clear_rows(at_value(gradients_.dvalue), row_.length, shape_.time, shape_.dim, row_.value_leading);
    if (gradients_.ddecay && !gradients_.ddecay.accumulate)
      std::fill_n(gradients_.ddecay.data + row_.decay + row_.length, shape_.time - row_.length, T(0));
  }

  const ScanShape& shape_;
  ScanRow row_;
  const ScanGradients<T>& gradients_;
  const ScanCotangents<T>& cotangents_;
  const ScanInputs<T>& in_;
  Index chunk_, chunks_;
  T *factors_, *dnormalisers_;  // [length] each
  bool has_squares_;
  const T* squares_ = nullptr;  // [chunks, chunk, chunk]: tril(dY V^T)
  T *memory_, *sums_;           // [features, dim], [features]: of the state, or of its gradient
  std::optional<ScanDecayGradient<T>> decay_gradient_;
};

/// With few heads the two scans are separate tasks, so that a batch of one keeps two threads busy. What both
/// read is computed before, with a task for each chunk. The gradient of a decay needs both scans in one task.
template <class T>
void causal_scan_backward(Context& context, const ScanGradients<T>& gradients,
                          const ScanCotangents<T>& cotangents, const ScanInputs<T>& in,
                          const ScanShape& shape) {
  struct Shared;
  const Index scans = shape.batch * shape.heads, chunks = divide_up(shape.time, scan_chunk);
  const bool queries = gradients.dquery || gradients.ddecay;
  const bool others =
      gradients.dkey || gradients.dvalue || gradients.ddecay || gradients.dmemory || gradients.dsums;
  const Index tasks = queries && others && !gradients.ddecay && scans < many_scans ? 2 : 1;
  T* shared = nullptr;
  if (tasks == 2 && cotangents.dy != nullptr && in.key != nullptr) {
    shared = scratch<T, Shared>(scans * squares_of(shape));
    parallel_for(context, scans * chunks, scan_chunk * scan_chunk * shape.dim / 4,
                 [&](Index begin, Index end) {
                   for (Index unit = begin; unit < end; ++unit) {
                     const Index scan = unit / chunks, chunk = unit % chunks;
                     find_squares(shared + scan * squares_of(shape), ScanRow(shape, scan), shape.dim,
                                  cotangents.dy, in.value, chunk, chunk + 1);
                   }
                 });
  }
  parallel_for(context, scans * tasks, shape.time * shape.features * shape.dim / 4,
               [&](Index begin, Index end) {
                 for (Index task = begin; task < end; ++task) {
                   BackwardScan<T> scan(shape, task / tasks, gradients, cotangents, in, shared);
                   if (queries && task % tasks == 0) scan.forward();
                   if (others && task % tasks == tasks - 1) scan.backward();
                 }
               });
}

}  // namespace memsizer::cpu
