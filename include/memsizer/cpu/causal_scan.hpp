#pragma once
// The causal scan over chunks of time. With M, z the memory and the sums before a chunk, D the decay between
// two tokens of it, b the decay from its beginning and e the decay to its end, in each head:
//   y = factor (tril(Q K^T D) V + b Q M),  n = rowsum(tril(Q K^T D)) + b Q z,
//   M = b_n M + (e K)^T V,                 z = b_n z + sum of e K,
// so that the state is [features, dim] and nothing of [time, features, dim] is ever stored.

#include <numeric>

#include "memsizer/cpu/scan_row.hpp"

namespace memsizer::cpu {

/// The scan walks up to this many tokens one by one; a longer chunk uses matrix products.
inline constexpr Index scan_steps = 2;

/// A scan of few heads is divided into parts of this many columns, which are independent of each other.
inline constexpr Index scan_columns = 512;
inline constexpr Index many_scans = 16;

/// sums = keep * sums + the sum of factor(i) times row i of the keys.
template <class T, class Factor>
void add_keys(T* sums, T keep, const T* keys, Index leading, Index features, Index n, const Factor& factor) {
  const auto out = array(sums, features);
  if (keep != T(1)) out *= keep;
  for (Index i = 0; i < n; ++i) out += factor(i) * array(keys + i * leading, features);
}

/// The scan of one head of one row of the batch over `columns` columns of the values from `first` on. A scan
/// with a normaliser has all columns in one part.
template <class T>
class ForwardScan {
 public:
  ForwardScan(const ScanShape& shape, const ScanRow& row, Index first, Index columns,
              const ScanOutputs<T>& out, const ScanInputs<T>& in)
      : shape_(shape), row_(row), first_(first), columns_(columns), out_(out), in_(in) {
    struct Memory;
    struct Sums;
    leading_ = out.memory != nullptr ? shape.dim : columns;
    memory_ = out.memory != nullptr ? out.memory + row.memory + first
                                    : scratch<T, Memory>(shape.features * columns);
    if (in.memory == nullptr || in.memory != out.memory)
      for (Index feature = 0; feature < shape.features; ++feature) {
        const auto of_feature = array(memory_ + feature * leading_, columns);
        if (in.memory == nullptr)
          of_feature = T(0);
        else
          of_feature = array(in.memory + row.memory + first + feature * shape.dim, columns);
      }
    if (!shape.normaliser && out.sums == nullptr) return;
    sums_ = out.sums != nullptr ? out.sums + row.sums : scratch<T, Sums>(shape.features);
    if (in.sums == nullptr)
      array(sums_, shape.features) = T(0);
    else if (in.sums != out.sums)
      array(sums_, shape.features) = array(in.sums + row.sums, shape.features);
  }

  void run() {
    const bool square = out_.y != nullptr && in_.key != nullptr;
    const Index chunk = square ? scan_chunk : scan_panel;
    for (Index token = 0; token < row_.length; token += chunk) {
      const Index n = std::min(chunk, row_.length - token);
      if (square && n <= scan_steps)
        for (Index t = token; t < token + n; ++t) step(t);
      else
        advance(token, n);
    }
    if (out_.y != nullptr) clear_rows<T>({y(0)}, row_.length, shape_.time, columns_, row_.value_leading);
  }

 private:
  const T* query(Index token) const { return in_.query + row_.key + token * row_.key_leading; }
  const T* key(Index token) const { return in_.key + row_.key + token * row_.key_leading; }
  const T* value(Index token) const { return in_.value + row_.value + first_ + token * row_.value_leading; }
  T* y(Index token) const { return out_.y + row_.value + first_ + token * row_.value_leading; }
  const T* decay(Index token) const {
    return in_.decay == nullptr ? nullptr : in_.decay + row_.decay + token;
  }

  /// Computes y of one token and the memory behind the token. It reads the memory once.
  void step(Index t) {
    const T keep = in_.decay == nullptr ? T(1) : *decay(t), *q = query(t), *k = key(t);
    const auto out = array(y(t), columns_);
    out = T(0);
    for (Index feature = 0; feature < shape_.features; ++feature) {
      const auto state = array(memory_ + feature * leading_, columns_);
      if (in_.decay != nullptr) state *= keep;
      state += k[feature] * array(value(t), columns_);
      out += q[feature] * state;
    }
    T normaliser = 0;
    if (sums_ != nullptr) {
      add_keys(sums_, keep, k, 0, shape_.features, 1, [](Index) { return T(1); });
      normaliser = dot(q, sums_, shape_.features);
    }
    finish(t, normaliser);
  }

  /// Does the same for a chunk, by matrix products.
  void advance(Index token, Index n) {
    const ChunkDecay<T> decays(decay(token), n);
    if (out_.y != nullptr) read(token, n, decays);
    if (in_.key != nullptr) {
      add(token, n, decays);
    } else if (decays) {
      multiply_rows(memory_, shape_.features, columns_, leading_, decays.whole());
      if (sums_ != nullptr) array(sums_, shape_.features) *= decays.whole();
    }
  }

  void read(Index token, Index n, const ChunkDecay<T>& decays) {
    const T* const past = in_.key == nullptr ? nullptr : read_past(token, n, decays);
    const T* queries = query(token);
    Index leading = row_.key_leading;
    if (decays) queries = decayed(queries, n, leading, [&](Index i) { return decays.until(i); });
    product(y(token), past != nullptr, queries, memory_,
            spaced_product(n, columns_, shape_.features, {row_.value_leading, leading, leading_}));
    for (Index i = 0; i < n; ++i) {
      T normaliser = 0;
      if (shape_.normaliser) normaliser = decays.until(i) * dot(query(token + i), sums_, shape_.features);
      if (shape_.normaliser && past != nullptr)
        normaliser = std::accumulate(past + i * n, past + i * n + i + 1, normaliser);
      finish(token + i, normaliser);
    }
  }

  /// y = tril(Q K^T D) V of a chunk; returns the square.
  const T* read_past(Index token, Index n, const ChunkDecay<T>& decays) {
    struct Past;
    T* const square = scratch<T, Past>(scan_chunk * scan_chunk);
    past_products(square, query(token), key(token), n, shape_.features, row_.key_leading);
    decays.within(square);
    product(y(token), false, square, value(token),
            spaced_product(n, columns_, n, {row_.value_leading, n, row_.value_leading}));
    return square;
  }

  /// Multiplies a token's output by its factor and keeps its normaliser.
  void finish(Index token, T normaliser) {
    if (shape_.normaliser && out_.normalisers != nullptr)
      out_.normalisers[row_.normaliser + token * row_.normaliser_leading] = normaliser;
    if (shape_.normaliser || shape_.inverse_root_count)
      array(y(token), columns_) *= scan_factor(shape_, row_.batch, token, in_.key != nullptr, normaliser);
  }

  /// Rows of queries or keys times factors, in scratch memory.
  template <class Factor>
  const T* decayed(const T* x, Index n, Index& leading, const Factor& factor) const {
    struct Decayed;
    T* const rows = scratch<T, Decayed>(n * shape_.features);
    scale_rows(rows, x, leading, n, shape_.features, factor);
    leading = shape_.features;
    return rows;
  }

  /// The memory and the sums behind a chunk.
  void add(Index token, Index n, const ChunkDecay<T>& decays) {
    const Index features = shape_.features;
    const T* keys = key(token);
    Index leading = row_.key_leading;
    if (decays) keys = decayed(keys, n, leading, [&](Index i) { return decays.after(i); });
    add_outer_products(memory_, leading_, decays.whole(), keys, leading, value(token), row_.value_leading,
                       features, columns_, n);
    if (sums_ != nullptr)
      add_keys(sums_, decays.whole(), keys, leading, features, n, [](Index) { return T(1); });
  }

  const ScanShape& shape_;
  const ScanRow& row_;
  Index first_, columns_;
  const ScanOutputs<T>& out_;
  const ScanInputs<T>& in_;
  T *memory_, *sums_ = nullptr;  // [features, columns], [features]
  Index leading_;
};

template <class T>
void causal_scan(Context& context, const ScanOutputs<T>& out, const ScanInputs<T>& in,
                 const ScanShape& shape) {
  const Index scans = shape.batch * shape.heads;
  const bool whole = scans >= many_scans || shape.normaliser || out.sums != nullptr;
  const Index width = whole ? std::max<Index>(shape.dim, 1) : scan_columns;
  const Index parts = std::max<Index>(divide_up(shape.dim, width), 1);
  parallel_for(context, scans * parts, shape.time * shape.features * width / 4, [&](Index begin, Index end) {
    for (Index unit = begin; unit < end; ++unit) {
      const ScanRow row(shape, unit / parts);
      const Index first = unit % parts * width;
      ForwardScan<T>(shape, row, first, std::min(width, shape.dim - first), out, in).run();
    }
  });
}

}  // namespace memsizer::cpu
