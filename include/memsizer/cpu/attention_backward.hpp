#pragma once
// The gradients of attention, a tile at a time. The weights are recomputed from the saved logarithms of their
// sums (Dao et al. 2022):
//   P = exp(S - log sum),  dV = (P mask)^T dY,  dS = P (dY V^T mask - delta),  delta_i = dy_i . y_i,
//   dQ = scale dS K,  dK = scale dS^T Q,  dbias at a distance = the sum of dS there

#include <algorithm>

#include "memsizer/cpu/attention_head.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

/// Works through one head on one thread, so that every sum has one order. A tile of weights is stored as
/// [queries, keys].
template <class T>
class AttentionBackward {
 public:
  AttentionBackward(const AttentionHead& head, const T* dy, const T* y, const T* log_sum_exp, const T* query,
                    const T* key, const T* value, const T* bias, const Dropout& dropout)
      : head_(head),
        dim_(head.shape.head_dim),
        padded_dim_(round_up(dim_, Tile<T>::columns)),
        key_(key),
        value_(value),
        log_sums_(log_sum_exp + head.number(0)),
        bias_(head_, bias),
        dropout_(dropout),
        mask_(dropout) {
    reserve();
    const Index queries = head.shape.queries;
    queries_ = pack_both_ways(query + head.query_offset(0), head.shape.query_time_stride, queries_memory_);
    array(queries_memory_, packed_size()) *= static_cast<T>(head.shape.scale);
    dys_ = pack_both_ways(dy + head.output_offset(0), head.shape.output_time_stride, dys_memory_);
    for (Index i = 0; i < queries; ++i) {
      const Index at = head.output_offset(i);
      deltas_[i] = sum_of(array(dy + at, dim_) * array(y + at, dim_));
    }
  }

  /// The gradient of the head's bias is added to dbias, which is laid out as the bias; null: not wanted.
  void run(Output<T> dquery, Output<T> dkey, Output<T> dvalue, T* dbias) {
    dbias_ = dbias;
    const Index queries = head_.shape.queries;
    const KeyRange seen = head_.all_visible_keys();
    array(dqueries_, round_up(queries, Tile<T>::rows) * padded_dim_) = T(0);
    for (Index key = seen.begin; key < seen.end; key += tile_keys) {
      const Index n = std::min(tile_keys, seen.end - key);
      load_keys(key, n);
      // We take whole strips of queries: a query that sees nothing of the tile adds zeros.
      const KeyRange seeing = head_.shape.queries_that_see(head_.batch, key, n);
      const Index end = std::min(round_up(seeing.end, Tile<T>::rows), queries);
      for (Index first = seeing.begin - seeing.begin % Tile<T>::rows; first < end; first += tile_queries)
        add_tile(first, std::min(tile_queries, end - first), key, n);
      for (Index j = 0; j < n; ++j) {
        if (dkey) contribute(dkey, head_.key_offset(key + j), array(dkeys_ + j * padded_dim_, dim_));
        if (dvalue) contribute(dvalue, head_.value_offset(key + j), array(dvalues_ + j * padded_dim_, dim_));
      }
    }
    clear_keys(dkey, dvalue, 0, seen.begin);
    clear_keys(dkey, dvalue, seen.end, head_.shape.keys);
    if (dquery)
      for (Index i = 0; i < queries; ++i)
        contribute(dquery, head_.query_offset(i),
                   static_cast<T>(head_.shape.scale) * array(dqueries_ + i * padded_dim_, dim_));
  }

 private:
  /// Keys that no query sees have the gradient 0.
  void clear_keys(Output<T> dkey, Output<T> dvalue, Index begin, Index end) const {
    for (Index j = begin; j < end; ++j) {
      if (dkey && !dkey.accumulate) array(dkey.data + head_.key_offset(j), dim_) = T(0);
      if (dvalue && !dvalue.accumulate) array(dvalue.data + head_.value_offset(j), dim_) = T(0);
    }
  }

  static constexpr Index tile_queries = 16 * Tile<T>::rows, tile_keys = Tile<T>::whole_strips(32);

  /// A number for each key of the tile.
  static Array<T> of_keys(T* numbers) { return {numbers, tile_keys}; }

  /// An array [time, dim] packed twice: as the left factor of products that sum over dim (scores), and as the
  /// right factor of those that sum over time (dK, dV).
  struct BothWays {
    Strips<T> left;   // strips of time, [dim, rows]
    Strips<T> right;  // strips of dim, [time, columns]
  };

  Index packed_size() const {
    return round_up(head_.shape.queries, Tile<T>::rows) * dim_ + head_.shape.queries * padded_dim_;
  }

  void reserve() {
    struct Packed;
    struct Keys;
    struct Sums;
    struct Tiles;
    const Index queries = round_up(head_.shape.queries, Tile<T>::rows);
    queries_memory_ = scratch<T, Packed>(2 * packed_size());
    dys_memory_ = queries_memory_ + packed_size();
    keys_memory_ = scratch<T, Keys>(tile_keys * (2 * dim_ + padded_dim_));
    dqueries_ = scratch<T, Sums>(queries * (padded_dim_ + 1) + 2 * tile_keys * padded_dim_);
    dkeys_ = dqueries_ + queries * padded_dim_;
    dvalues_ = dkeys_ + tile_keys * padded_dim_;
    deltas_ = dvalues_ + tile_keys * padded_dim_;
    weights_ = scratch<T, Tiles>(3 * tile_queries * tile_keys + 3 * tile_keys + 2 * tile_queries);
    dweights_ = weights_ + tile_queries * tile_keys;
    packed_dscores_ = dweights_ + tile_queries * tile_keys;
    factors_ = packed_dscores_ + tile_queries * tile_keys;
    near_ = factors_ + tile_keys;
    dnear_ = near_ + tile_queries + tile_keys;
  }

  BothWays pack_both_ways(const T* x, Index leading, T* memory) const {
    const Index queries = head_.shape.queries;
    return {pack_strips<Tile<T>::rows>(memory, x, leading, true, dim_, queries),
            pack_strips<Tile<T>::columns>(memory + round_up(queries, Tile<T>::rows) * dim_, x, leading, false,
                                          queries, dim_)};
  }

  void load_keys(Index key, Index n) {
    constexpr int wide = Tile<T>::columns;
    const T* const k = key_ + head_.key_offset(key);
    const T* const v = value_ + head_.value_offset(key);
    // The last tile may lack keys; their places must not keep numbers of the tile before.
    if (n < tile_keys) std::fill_n(keys_memory_, 2 * tile_keys * dim_, T(0));
    key_columns_ = pack_strips<wide>(keys_memory_, k, head_.shape.key_time_stride, true, dim_, n);
    value_columns_ =
        pack_strips<wide>(keys_memory_ + tile_keys * dim_, v, head_.shape.value_time_stride, true, dim_, n);
    keys_ = pack_strips<wide>(keys_memory_ + 2 * tile_keys * dim_, k, head_.shape.key_time_stride, false, n,
                              dim_);
    array(dkeys_, 2 * tile_keys * padded_dim_) = T(0);
  }

  /// Adds to the gradients what the pairs of `queries` queries from `first` on and n keys from `key` on
  /// contribute.
  void add_tile(Index first, Index queries, Index key, Index n) {
    constexpr Index tall = Tile<T>::rows;
    const Index rows = round_up(queries, tall);
    multiply_strips(weights_, tile_keys, false, queries_.left.from(first / tall), key_columns_, rows,
                    tile_keys, dim_);
    multiply_strips(dweights_, tile_keys, false, dys_.left.from(first / tall), value_columns_, rows,
                    tile_keys, dim_);
    // The tile's biases, by falling distance: the bias of row i and key j is at queries - 1 - i + j.
    const Index furthest = head_.position(first + queries - 1) - key, distances = queries - 1 + tile_keys;
    const bool shared = bias_ && bias_.is_shared();
    if (shared) bias_.copy(near_, first, furthest, -1, distances);
    if (shared) array(dnear_, distances) = T(0);
    const bool all_seen =
        head_.visible_keys(first + queries - 1).begin <= key && head_.visible_keys(first).end >= key + n;
    for (Index i = 0; i < queries; ++i) {
      if (bias_) add_bias(i, first + i, key, shared ? queries - 1 - i : 0);
      finish_row(i, first + i, key, n, all_seen);
      if (bias_ && dbias_ != nullptr) add_to_bias(i, first + i, key, n, shared ? queries - 1 - i : 0);
    }
    if (shared && dbias_ != nullptr) bias_.add_gradients(dbias_, dnear_, furthest, distances);
    const auto add_to_keys = [&](T* sums, const T* tile, const Strips<T>& right) {
      multiply_strips(sums, padded_dim_, true, Strips<T>{tile, tall, tile_keys},
                      Strips<T>{right.data + first * right.step, right.strip, right.step}, tile_keys,
                      padded_dim_, queries);
    };
    add_to_keys(dvalues_, weights_, dys_.right);
    add_to_keys(dkeys_, dweights_, queries_.right);
    const auto dscores = pack_strips<Tile<T>::rows>(packed_dscores_, dweights_, tile_keys, true, n, rows);
    multiply_strips(dqueries_ + first * padded_dim_, padded_dim_, true, dscores, keys_, rows, padded_dim_, n);
  }

  /// Turns scores and dY V^T into dropped weights and the gradients of the scores, for one query of the tile.
  void finish_row(Index i, Index query, Index key, Index n, bool all_seen) {
    const auto weights = of_keys(weights_ + i * tile_keys), dweights = of_keys(dweights_ + i * tile_keys);
    weights = softmax_weight(weights - log_sums_[query]);
    if (!all_seen) {
      const KeyRange seen = head_.visible_keys(query);
      for (Index j = 0; j < std::min(seen.begin - key, n); ++j) weights[j] = 0;
      for (Index j = std::max<Index>(seen.end - key, 0); j < n; ++j) weights[j] = 0;
    }
    if (dropout_) {
      mask_.fill_keys(factors_, static_cast<std::uint64_t>(head_.number(query)), key, n);
      const auto factors = of_keys(factors_);
      dweights = weights * (dweights * factors - deltas_[query]);
      weights *= factors;
    } else {
      dweights = weights * (dweights - deltas_[query]);
    }
  }

  /// Adds a query's bias to its scores; a shared bias begins at `near`.
  void add_bias(Index row, Index query, Index key, Index near) {
    if (!bias_.is_shared()) bias_.copy(near_, query, head_.position(query) - key, -1, tile_keys);
    of_keys(weights_ + row * tile_keys) += of_keys(near_ + near);
  }

  /// Adds the gradients of a query's scores to those of its bias.
  void add_to_bias(Index row, Index query, Index key, Index n, Index near) {
    const auto dweights = array(dweights_ + row * tile_keys, n);
    if (bias_.is_shared())
      array(dnear_ + near, n) += dweights;
    else
      bias_.add_gradients(dbias_ + head_.shape.bias_offset(head_.batch, head_.head, query), dweights.data(),
                          head_.position(query) - key, n);
  }

  const AttentionHead head_;
  const Index dim_, padded_dim_;
  const T *key_, *value_, *log_sums_;
  const HeadBias<T> bias_;
  const Dropout& dropout_;
  const DropoutMask mask_;
  BothWays queries_, dys_;
  Strips<T> key_columns_, value_columns_, keys_;
  T *queries_memory_, *dys_memory_, *keys_memory_;
  T *dqueries_, *dkeys_, *dvalues_, *deltas_;            // [queries, dim], [keys, dim] twice, [queries]
  T *weights_, *dweights_, *packed_dscores_, *factors_;  // [queries, keys] three times, [keys]
  T *near_, *dnear_;                                     // [queries + keys] twice
  T* dbias_ = nullptr;
};

}  // namespace memsizer::cpu
