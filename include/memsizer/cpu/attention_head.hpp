#pragma once
// One head of one row in the arrays of attention: where it begins, which keys its queries see, and the bias
// of its scores.

#include <algorithm>

#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

struct AttentionHead {
  const AttentionShape& shape;
  Index batch, head;

  Index query_offset(Index query) const {
    return batch * shape.query_batch_stride + query * shape.query_time_stride + head * shape.head_dim;
  }
  Index key_offset(Index key) const {
    return batch * shape.key_batch_stride + key * shape.key_time_stride + head * shape.head_dim;
  }
  Index value_offset(Index key) const {
    return batch * shape.value_batch_stride + key * shape.value_time_stride + head * shape.head_dim;
  }
  Index output_offset(Index query) const {
    return batch * shape.output_batch_stride + query * shape.output_time_stride + head * shape.head_dim;
  }

  Index number(Index query) const { return shape.query_number(batch, head, query); }

  Index position(Index query) const { return shape.position(batch, query); }
  KeyRange visible_keys(Index query) const { return shape.visible_keys(batch, query); }
  /// The keys that some query sees.
  KeyRange all_visible_keys() const {
    if (shape.queries == 0) return {};
    return {visible_keys(0).begin, visible_keys(shape.queries - 1).end};
  }
};

/// The bias of a head's scores by distance.
template <class T>
class HeadBias {
 public:
  HeadBias(const AttentionHead& head, const T* bias) : head_(head), bias_(bias) {}

  explicit operator bool() const { return bias_ != nullptr; }
  bool is_shared() const { return !head_.shape.bias.row_a_query; }

  /// out[i] = the query's bias at the distance first + i * step, i < n. The keys of a query come by falling
  /// distance, the queries of a key by rising distance.
  void copy(T* out, Index query, Index first, Index step, Index n) const {
    const DistanceBiasShape& shape = head_.shape.bias;
    const T* const row = bias_ + head_.shape.bias_offset(head_.batch, head_.head, query);
    for (Index i = 0; i < n; ++i) {
      const Index distance = first + i * step;
      out[i] = row[shape.entry(distance)] * static_cast<T>(shape.factor(distance));
    }
  }

  /// row += the gradients dscores[i] of scores at the distance first - i, i < n.
  void add_gradients(T* row, const T* dscores, Index first, Index n) const {
    const DistanceBiasShape& shape = head_.shape.bias;
    for (Index i = 0; i < n; ++i)
      row[shape.entry(first - i)] += dscores[i] * static_cast<T>(shape.factor(first - i));
  }

 private:
  const AttentionHead& head_;
  const T* bias_;
};

}  // namespace memsizer::cpu
