#pragma once
// The common part of attention kinds with four projections of the same width.

#include "memsizer/nn/attention/attention.hpp"

namespace memsizer::nn {

/// The first values of the query, key and value projections: fairseq's gain with PyTorch's default bias, or
/// GPT-2's.
inline LinearStart projection_start(const AttentionConfig& config) {
  if (config.initialisation == Initialisation::gpt2) return gpt2_start();
  return {xavier_uniform(config.dim, config.dim, std::sqrt(0.5)), fan_in_uniform(config.dim)};
}

/// The first values of the output projection.
inline LinearStart output_start(const AttentionConfig& config) {
  if (config.initialisation == Initialisation::gpt2) return gpt2_start(config.residual_factor);
  return {xavier_uniform(config.dim, config.dim), zeros()};
}

/// A kind whose queries, keys, values and output are projections [dim, dim], split into heads.
template <class T>
class ProjectedAttention : public Attention<T> {
 protected:
  /// InputError unless dim is divisible by heads.
  ProjectedAttention(const AttentionDescription& description, const AttentionConfig& config)
      : Attention<T>(description, config),
        query_(config.dim, config.dim, projection_start(config)),
        key_(config.dim, config.dim, projection_start(config)),
        value_(config.dim, config.dim, projection_start(config)),
        output_(config.dim, config.dim, output_start(config)) {
    require(config.dim % config.settings.heads == 0, "attention: dim ", config.dim, " does not split into ",
            config.settings.heads, " heads");
    this->child("q_proj", query_);
    this->child("k_proj", key_);
    this->child("v_proj", value_);
    this->child("out_proj", output_);
  }

  Linear<T> query_, key_, value_, output_;
};

}  // namespace memsizer::nn
