#pragma once
// Attention a tile at a time, with the running maximum and sum of each query's weights (Milakov and
// Gimelshein 2018, Dao et al. 2022).

#include <Eigen/Core>
#include <limits>

#include "memsizer/cpu/attention_head.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"

namespace memsizer::cpu {

/// Works through one head. A tile of weights lies as [keys, queries]: sums over keys then run along vectors,
/// and the tile is the left factor of the product with the values as it stands.
template <class T>
class AttentionForward {
 public:
  static constexpr Index tile_queries = 32, tile_keys = 128;

  AttentionForward(const AttentionHead& head, const T* query, const T* key, const T* value,
                   const Dropout& dropout)
      : head_(head),
        dim_(head.shape.head_dim),
        padded_dim_(round_up(dim_, Tile<T>::columns)),
        query_(query),
        dropout_(dropout),
        mask_(dropout) {
    struct Packed;
    struct Work;
    const Index keys = head.visible_keys(head.shape.queries - 1);
    T* packed = scratch<T, Packed>(round_up(keys, Tile<T>::rows) * dim_ + keys * padded_dim_);
    keys_ = pack_strips<Tile<T>::rows>(packed, key + head.key_offset(0), head.shape.key_time_stride, true,
                                       dim_, keys);
    packed += round_up(keys, Tile<T>::rows) * dim_;
    values_ = pack_strips<Tile<T>::columns>(packed, value + head.value_offset(0),
                                            head.shape.value_time_stride, false, keys, dim_);
    queries_ = scratch<T, Work>(tile_queries * (dim_ + padded_dim_ + 2 * tile_keys));
    sums_ = queries_ + tile_queries * dim_;
    weights_ = sums_ + tile_queries * padded_dim_;
    factors_ = weights_ + tile_queries * tile_keys;
  }

  /// The outputs (and, if wanted, log sums) of the queries from `first` on, one tile of them.
  void run(T* y, T* log_sum_exp, Index first) {
    const Index queries = std::min(tile_queries, head_.shape.queries - first);
    const Strips<T> packed = pack_strips<Tile<T>::columns>(
        queries_, query_ + head_.query_offset(first), head_.shape.query_time_stride, true, dim_, queries);
    array(queries_, tile_queries * dim_) *= static_cast<T>(head_.shape.scale);
    maximum_.setConstant(unseen);
    sum_.setZero();
    array(sums_, tile_queries * padded_dim_).setZero();
    const Index keys = head_.visible_keys(first + queries - 1);
    for (Index key = 0; key < keys; key += tile_keys) {
      const Index n = std::min(tile_keys, keys - key);
      multiply_strips(weights_, tile_queries, false, keys_.from(key / Tile<T>::rows), packed,
                      round_up(n, Tile<T>::rows), tile_queries, dim_);
      if (head_.shape.causal) hide_future(first, key, n, unseen);
      weigh(n);
      if (head_.shape.causal) hide_future(first, key, n, T(0));  // Eigen's exp(-inf) may be a small number
      if (dropout_) drop(first, queries, key, n);
      multiply_strips(sums_, padded_dim_, true, Strips<T>{weights_, Tile<T>::rows, tile_queries},
                      Strips<T>{values_.data + key * values_.step, values_.strip, values_.step}, tile_queries,
                      padded_dim_, n);
    }
    for (Index i = 0; i < queries; ++i) {
      array(y + head_.output_offset(first + i), dim_) =
          array(sums_ + i * padded_dim_, dim_) * (maximum_[i] == unseen ? T(0) : 1 / sum_[i]);
      if (log_sum_exp != nullptr)
        log_sum_exp[head_.statistics_offset() + first + i] = maximum_[i] + std::log(sum_[i]);
    }
  }

 private:
  using Row = Eigen::Array<T, tile_queries, 1>;  // a number for each query of the tile
  static constexpr T unseen = -std::numeric_limits<T>::infinity();

  auto weights(Index key) { return Eigen::Map<Row>(weights_ + key * tile_queries); }

  /// Gives `value` to the keys after each query's position.
  void hide_future(Index first, Index key, Index n, T value) {
    const Index position = head_.first_position() + first;
    for (Index j = std::max<Index>(0, position + 1 - key); j < n; ++j) {
      const Index hidden = std::min(key + j - position, tile_queries);
      std::fill_n(weights_ + j * tile_queries, hidden, value);
    }
  }

  /// Turns n rows of scores into weights relative to the maximum so far, and what was summed up likewise.
  void weigh(Index n) {
    Row maximum = maximum_;
    for (Index j = 0; j < n; ++j) maximum = maximum.max(weights(j));
    // A query that saw no key yet has the maximum -inf; relative to 0 its weights are 0 and not NaN.
    const Row base = (maximum == unseen).select(Row::Zero(), maximum);
    const Row shrink = (maximum_ - base).exp();
    sum_ *= shrink;
    for (Index j = 0; j < n; ++j) {
      weights(j) = (weights(j) - base).exp();
      sum_ += weights(j);
    }
    maximum_ = maximum;
    if ((shrink != 1).any())
      for (Index i = 0; i < tile_queries; ++i) array(sums_ + i * padded_dim_, padded_dim_) *= shrink[i];
  }

  void drop(Index first, Index queries, Index key, Index n) {
    for (Index i = 0; i < queries; ++i) {
      mask_.fill(factors_, head_.weight_number(first + i, key), n);
      for (Index j = 0; j < n; ++j) weights_[j * tile_queries + i] *= factors_[j];
    }
  }

  const AttentionHead head_;
  const Index dim_, padded_dim_;
  const T* query_;
  const Dropout& dropout_;
  const DropoutMask mask_;
  Strips<T> keys_, values_;
  // [strips, dim, queries], [queries, dim], [keys, queries], [keys]
  T *queries_, *sums_, *weights_, *factors_;
  Row maximum_, sum_;
};

}  // namespace memsizer::cpu
