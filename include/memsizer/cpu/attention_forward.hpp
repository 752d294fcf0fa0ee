#pragma once
// Attention a tile at a time, with the running maximum and sum of each query's weights (Milakov and
// Gimelshein 2018, Dao et al. 2022).

#include <algorithm>
#include <cmath>
#include <limits>

#include "memsizer/cpu/attention_head.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/tile.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

/// Works through one head. A tile of weights is stored as [keys, queries]. So sums over keys run along
/// vectors, and the tile is the left factor of the product with the values without a copy.
template <class T>
class AttentionForward {
 public:
  static constexpr Index tile_queries = Tile<T>::whole_strips(32), tile_keys = 16 * Tile<T>::rows;

  AttentionForward(const AttentionHead& head, const T* query, const T* key, const T* value, const T* bias,
                   const Dropout& dropout)
      : head_(head),
        seen_(head.all_visible_keys()),
        dim_(head.shape.head_dim),
        padded_dim_(round_up(dim_, Tile<T>::columns)),
        query_(query),
        bias_(head_, bias),
        dropout_(dropout),
        mask_(dropout) {
    struct Packed;
    struct Work;
    const Index keys = seen_.end - seen_.begin;
    T* packed = scratch<T, Packed>(round_up(keys, Tile<T>::rows) * dim_ + keys * padded_dim_);
    keys_ = pack_strips<Tile<T>::rows>(packed, key + head.key_offset(seen_.begin), head.shape.key_time_stride,
                                       true, dim_, keys);
    packed += round_up(keys, Tile<T>::rows) * dim_;
    values_ = pack_strips<Tile<T>::columns>(packed, value + head.value_offset(seen_.begin),
                                            head.shape.value_time_stride, false, keys, dim_);
    queries_ = scratch<T, Work>(tile_queries * (dim_ + padded_dim_ + tile_keys + 1) + 2 * tile_keys);
    sums_ = queries_ + tile_queries * dim_;
    weights_ = sums_ + tile_queries * padded_dim_;
    factors_ = weights_ + tile_queries * tile_keys;
    near_ = factors_ + tile_keys;
  }

  /// The outputs (and, if wanted, log sums) of one tile of queries, from `first` on.
  void run(T* y, T* log_sum_exp, Index first) {
    const Index queries = std::min(tile_queries, head_.shape.queries - first);
    const Strips<T> packed = pack_strips<Tile<T>::columns>(
        queries_, query_ + head_.query_offset(first), head_.shape.query_time_stride, true, dim_, queries);
    array(queries_, tile_queries * dim_) *= static_cast<T>(head_.shape.scale);
    std::fill_n(maximum_, tile_queries, unseen);
    std::fill_n(sum_, tile_queries, T(0));
    array(sums_, tile_queries * padded_dim_) = T(0);
    // A tile of keys begins where a strip of the packed keys begins.
    const Index begin = head_.visible_keys(first).begin, end = head_.visible_keys(first + queries - 1).end;
    for (Index key = begin - (begin - seen_.begin) % Tile<T>::rows; key < end; key += tile_keys) {
      const Index n = std::min(tile_keys, end - key), packed_key = key - seen_.begin;
      multiply_strips(weights_, tile_queries, false, keys_.from(packed_key / Tile<T>::rows), packed,
                      round_up(n, Tile<T>::rows), tile_queries, dim_);
      if (bias_) add_bias(first, queries, key, n);
      hide_unseen(first, queries, key, n);
      weigh(n);
      if (dropout_) drop(first, queries, key, n);
      multiply_strips(sums_, padded_dim_, true, Strips<T>{weights_, Tile<T>::rows, tile_queries},
                      Strips<T>{values_.data + packed_key * values_.step, values_.strip, values_.step},
                      tile_queries, padded_dim_, n);
    }
    for (Index i = 0; i < queries; ++i) {
      array(y + head_.output_offset(first + i), dim_) =
          array(sums_ + i * padded_dim_, dim_) * (maximum_[i] == unseen ? T(0) : 1 / sum_[i]);
      if (log_sum_exp != nullptr) log_sum_exp[head_.number(first + i)] = maximum_[i] + std::log(sum_[i]);
    }
  }

 private:
  static constexpr T unseen = -std::numeric_limits<T>::infinity();

  /// A number for each query of the tile.
  static Array<T> of_queries(T* numbers) { return {numbers, tile_queries}; }
  Array<T> weights(Index key) const { return of_queries(weights_ + key * tile_queries); }

  /// Adds the bias to the scores of n keys. A tile has few distances, so each is looked up only once if all
  /// queries share the bias.
  void add_bias(Index first, Index queries, Index key, Index n) {
    const Index last_key = key + n - 1;
    if (bias_.is_shared()) {
      bias_.copy(near_, first, head_.position(first) - last_key, 1, tile_queries + n - 1);
      for (Index j = 0; j < n; ++j) weights(j) += of_queries(near_ + n - 1 - j);
      return;
    }
    for (Index i = 0; i < queries; ++i) {
      bias_.copy(near_, first + i, head_.position(first + i) - key, -1, n);
      for (Index j = 0; j < n; ++j) weights_[j * tile_queries + i] += near_[j];
    }
  }

  /// Gives the score -infinity to the keys that a query does not see. It leaves out the keys in the middle,
  /// which all queries of the tile see.
  void hide_unseen(Index first, Index queries, Index key, Index n) {
    const KeyRange of_first = head_.visible_keys(first), of_last = head_.visible_keys(first + queries - 1);
    const auto hide = [&](Index begin, Index end) {
      for (Index j = begin; j < end; ++j) {
        const KeyRange seeing = head_.shape.queries_that_see(head_.batch, key + j, 1);
        T* const of_key = weights_ + j * tile_queries;
        std::fill(of_key, of_key + std::clamp<Index>(seeing.begin - first, 0, tile_queries), unseen);
        std::fill(of_key + std::clamp<Index>(seeing.end - first, 0, tile_queries), of_key + tile_queries,
                  unseen);
      }
    };
    const Index seen_from = std::clamp<Index>(of_last.begin - key, 0, n);
    hide(0, seen_from);
    hide(std::clamp<Index>(of_first.end - key, seen_from, n), n);
  }

  /// Turns n rows of scores into weights relative to the maximum so far, and rescales the earlier sums to it.
  void weigh(Index n) {
    alignas(64) T base[tile_queries];
    alignas(64) T shrink[tile_queries];
    const auto maximum = of_queries(maximum_), sum = of_queries(sum_);
    of_queries(shrink) = maximum;
    for (Index j = 0; j < n; ++j) maximum = larger_of(maximum, weights(j));
    // A query that saw no key yet has the maximum -inf; relative to 0 its weights are 0 and not NaN.
    for (Index i = 0; i < tile_queries; ++i) base[i] = maximum_[i] == unseen ? T(0) : maximum_[i];
    of_queries(shrink) = softmax_weight(of_queries(shrink) - of_queries(base));
    sum *= of_queries(shrink);
    for (Index j = 0; j < n; ++j) {
      weights(j) = softmax_weight(weights(j) - of_queries(base));
      sum += weights(j);
    }
    for (Index i = 0; i < tile_queries; ++i)
      if (shrink[i] != 1) array(sums_ + i * padded_dim_, padded_dim_) *= shrink[i];
  }

  void drop(Index first, Index queries, Index key, Index n) {
    for (Index i = 0; i < queries; ++i) {
      mask_.fill_keys(factors_, static_cast<std::uint64_t>(head_.number(first + i)), key, n);
      for (Index j = 0; j < n; ++j) weights_[j * tile_queries + i] *= factors_[j];
    }
  }

  const AttentionHead head_;
  const KeyRange seen_;  // by some query: these keys are packed
  const Index dim_, padded_dim_;
  const T* query_;
  const HeadBias<T> bias_;
  const Dropout& dropout_;
  const DropoutMask mask_;
  Strips<T> keys_, values_;
  // [strips, dim, queries], [queries, dim], [keys, queries], [keys], [queries + keys]
  T *queries_, *sums_, *weights_, *factors_, *near_;
  alignas(64) T maximum_[tile_queries];
  alignas(64) T sum_[tile_queries];
};

}  // namespace memsizer::cpu
