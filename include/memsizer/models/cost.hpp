#pragma once
// The cost of a model by formula: operations for each token, and bytes of state.

#include "memsizer/models/encoder_decoder.hpp"

namespace memsizer::models {

namespace detail {

/// The operations of a language model's output layer and feed-forward layers for one token.
inline double position_wise_flops(const LanguageModelConfig& config) {
  const double dim = static_cast<double>(config.dim);
  return 2 * dim * static_cast<double>(config.vocab) +
         static_cast<double>(config.layers) * 4 * dim * static_cast<double>(config.block.ffn);
}

}  // namespace detail

/// The floating-point operations that decode one token with `before` tokens before it: matrix products and
/// attention, where a multiplication and the addition of its result count as 2. Training costs about three
/// times as much for each token.
template <class T>
double step_flops(const LanguageModel<T>& model, Index before) {
  double flops = detail::position_wise_flops(model.config());
  for (Index layer = 0; layer < model.config().layers; ++layer)
    flops += model.block(layer).self_attention().step_flops(before);
  return flops;
}

/// The same for a token of the target beside a source of `source` tokens. Reading the source, which is done
/// once, does not count.
template <class T>
double step_flops(const EncoderDecoder<T>& model, Index before, Index source) {
  const LanguageModelConfig& config = model.config().decoder;
  double flops = detail::position_wise_flops(config);
  for (Index layer = 0; layer < config.layers; ++layer)
    flops += model.decoder_block(layer).self_attention().step_flops(before) +
             model.decoder_block(layer).cross_attention().attend_flops(source);
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

/// The bytes of one sequence's state after `tokens` tokens, and of its source of `source` tokens.
template <class T>
Index state_bytes(const EncoderDecoder<T>& model, Index tokens, Index source) {
  Index bytes = 0;
  for (Index layer = 0; layer < model.config().decoder.layers; ++layer)
    bytes += model.decoder_block(layer).self_attention().state_bytes(tokens) +
             model.decoder_block(layer).cross_attention().source_bytes(source);
  return bytes;
}

}  // namespace memsizer::models
