#pragma once
// Where one head of one row of an attention's arrays lies, and which keys its queries see.

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

  /// The row of statistics [batch, heads, queries] of the head.
  Index statistics_offset() const { return (batch * shape.heads + head) * shape.queries; }

  /// The number of a pair's weight, which its dropout is drawn by.
  std::uint64_t weight_number(Index query, Index key) const {
    return static_cast<std::uint64_t>((statistics_offset() + query) * shape.keys + key);
  }

  /// The position of query 0 among the keys.
  Index first_position() const { return shape.first_position == nullptr ? 0 : shape.first_position[batch]; }

  /// Query i sees the keys 0 .. visible_keys(i) - 1.
  Index visible_keys(Index query) const {
    const Index present = shape.key_lengths == nullptr
                              ? shape.keys
                              : std::clamp<Index>(shape.key_lengths[batch], 0, shape.keys);
    return shape.causal ? std::clamp<Index>(first_position() + query + 1, 0, present) : present;
  }
};

}  // namespace memsizer::cpu
