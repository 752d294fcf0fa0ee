#pragma once
// The cost of a language model by formula: operations for each token, and bytes of state.

#include "memsizer/models/language_model.hpp"

namespace memsizer::models {

/// The floating-point operations that decode one token with `before` tokens before it: matrix products and
/// attention, where a multiplication and the addition of its result count as 2. Training costs about three
/// times as much for each token.
template <class T>
double step_flops(const LanguageModel<T>& model, Index before) {
  const LanguageModelConfig& config = model.config();
  const double dim = static_cast<double>(config.dim);
  double flops = 2 * dim * static_cast<double>(config.vocab);
  for (Index layer = 0; layer < config.layers; ++layer)
    flops += model.block(layer).self_attention().step_flops(before) +
             4 * dim * static_cast<double>(config.block.ffn);
  return flops;
}

/// The bytes of one sequence's state after `tokens` tokens.
template <class T>
Index state_bytes(const LanguageModel<T>& model, Index tokens) {
  Index bytes = 0;
  for (Index layer = 0; layer < model.config().layers; ++layer)
    bytes += model.block(layer).self_attention().state_bytes(tokens);
  return bytes;
}

}  // namespace memsizer::models
