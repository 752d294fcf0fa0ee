#pragma once
// How the projections of attention begin.

#include "memsizer/nn/attention/attention.hpp"

namespace memsizer::nn {

/// Of queries, keys and values of one width: fairseq's gain and PyTorch's default bias, or GPT-2's.
inline LinearStart projection_start(const AttentionConfig& config) {
  if (config.initialisation == Initialisation::gpt2) return gpt2_start();
  return {xavier_uniform(config.dim, config.dim, std::sqrt(0.5)), fan_in_uniform(config.dim)};
}

/// Of the output.
inline LinearStart output_start(const AttentionConfig& config) {
  if (config.initialisation == Initialisation::gpt2) return gpt2_start(config.residual_factor);
  return {xavier_uniform(config.dim, config.dim), zeros()};
}

}  // namespace memsizer::nn
