#pragma once
// Attention of few queries (generation with a cache). Keys and values are read once and in the order in which
// they lie in memory: all heads that a thread has go along a key together.

#include <Eigen/Core>
#include <limits>

#include "memsizer/cpu/attention_head.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/row_product.hpp"

namespace memsizer::cpu {

/// The queries of the heads first .. last - 1 of one row of the batch, a block of keys at a time.
template <class T>
class AttentionStep {
 public:
  AttentionStep(const AttentionShape& shape, const Dropout& dropout, Index batch, Index first, Index last)
      : shape_(shape),
        dropout_(dropout),
        mask_(dropout),
        batch_(batch),
        first_(first),
        heads_(last - first),
        dim_(shape.head_dim) {
    struct Work;
    const Index rows = shape.queries * heads_;
    outputs_ = scratch<T, Work>(rows * (dim_ + 2) + block * (heads_ + 1));
    maxima_ = outputs_ + rows * dim_;
    sums_ = maxima_ + rows;
    weights_ = sums_ + rows;
    factors_ = weights_ + block * heads_;
    std::fill(outputs_, maxima_, T(0));
    std::fill(maxima_, sums_, unseen);
    std::fill(sums_, weights_, T(0));
  }

  void run(T* y, T* log_sum_exp, const T* query, const T* key, const T* value) {
    const AttentionHead all = head(0);
    const Index keys = all.visible_keys(shape_.queries - 1);
    for (Index begin = 0; begin < keys; begin += block)
      for (Index i = 0; i < shape_.queries; ++i) {
        const Index n = std::min(block, all.visible_keys(i) - begin);
        if (n <= 0) continue;
        score(query + all.query_offset(i), key + all.key_offset(begin), n);
        for (Index h = 0; h < heads_; ++h) weigh(i, h, begin, n);
        add_values(outputs_ + i * heads_ * dim_, value + all.value_offset(begin), n);
      }
    for (Index i = 0; i < shape_.queries; ++i)
      for (Index h = 0; h < heads_; ++h) {
        const Index row = i * heads_ + h;
        array(y + head(h).output_offset(i), dim_) =
            array(outputs_ + row * dim_, dim_) * (maxima_[row] == unseen ? T(0) : 1 / sums_[row]);
        if (log_sum_exp != nullptr)
          log_sum_exp[head(h).statistics_offset() + i] = maxima_[row] + std::log(sums_[row]);
      }
  }

 private:
  static constexpr Index block = 128;
  static constexpr T unseen = -std::numeric_limits<T>::infinity();

  AttentionHead head(Index h) const { return {shape_, batch_, first_ + h}; }

  /// weights[h, j] = scale * query_h . key_jh
  void score(const T* query, const T* key, Index n) {
    for (Index j = 0; j < n; ++j, key += shape_.key_time_stride)
      for (Index h = 0; h < heads_; ++h)
        weights_[h * block + j] = static_cast<T>(shape_.scale) * dot(query + h * dim_, key + h * dim_, dim_);
  }

  /// Scores of n keys into weights relative to the maximum so far, and what was summed up likewise.
  void weigh(Index query, Index h, Index begin, Index n) {
    const Index row = query * heads_ + h;
    auto weights = array(weights_ + h * block, n);
    const T maximum = std::max(maxima_[row], weights.maxCoeff()), shrink = std::exp(maxima_[row] - maximum);
    maxima_[row] = maximum;
    weights = (weights - maximum).exp();
    sums_[row] = sums_[row] * shrink + weights.sum();
    if (dropout_) {
      mask_.fill(factors_, head(h).weight_number(query, begin), n);
      weights *= array(factors_, n);
    }
    if (shrink != 1) array(outputs_ + row * dim_, dim_) *= shrink;
  }

  /// outputs[h] += sum over j of weights[h, j] value_jh, several keys at a time.
  void add_values(T* outputs, const T* value, Index n) {
    constexpr Index together = 4;
    for (Index j = 0; j < n; j += together)
      for (Index h = 0; h < heads_; ++h)
        sum_rows(outputs + h * dim_, true, weights_ + h * block + j,
                 value + j * shape_.value_time_stride + h * dim_, shape_.value_time_stride,
                 std::min(together, n - j), dim_);
  }

  const AttentionShape& shape_;
  const Dropout& dropout_;
  const DropoutMask mask_;
  Index batch_, first_, heads_, dim_;
  T *outputs_, *maxima_, *sums_, *weights_,
      *factors_;  // [queries, heads, dim] .. [queries, heads] .. [heads, keys]
};

}  // namespace memsizer::cpu
