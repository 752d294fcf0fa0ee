#pragma once
// A stepper for an encoder-decoder, which decoding drives.

#include "memsizer/decode/padded_rows.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/models/encoder_decoder.hpp"

namespace memsizer::decode {

/// The model must outlive the stepper. The sources of all prompts are encoded together, padded on the right,
/// once: hypotheses of a prompt share what its source has become.
template <class T>
class EncoderDecoderStepper : public Stepper<T> {
 public:
  explicit EncoderDecoderStepper(const models::EncoderDecoder<T>& model) : model_(model) {}

  Index vocab() const override { return model_.config().decoder.vocab; }

  /// InputError if a prompt has no source, or no token that begins the target.
  Tensor<T> start(const std::vector<Prompt>& prompts) override {
    const PaddedRows sources("source", prompts, &Prompt::source, vocab());
    const PaddedRows tokens("prompt", prompts, &Prompt::tokens, vocab());
    Device& device = model_.device();
    state_ = model_.initial_state(model_.encode(sources.columns(0, sources.time(), device),
                                                segment_of(sources.lengths(), sources.time(), device)));
    return read(tokens.columns(0, tokens.time(), device), tokens.lengths());
  }

  Tensor<T> step(const std::vector<Id>& tokens) override {
    const auto rows = static_cast<Index>(tokens.size());
    return read(Tensor<Id>(Shape{rows, 1}, tokens, model_.device()), std::vector<Id>(tokens.size(), 1));
  }

  void reorder(const std::vector<Index>& rows) override { state_.reorder(rows); }

  /// The bytes that all rows remember, of their sources too.
  Index state_bytes() const { return state_.bytes(); }

 private:
  /// Logits [rows, vocab] after the last real token of each row.
  Tensor<T> read(const Tensor<Id>& tokens, const std::vector<Id>& lengths) {
    const Tensor<T> hidden =
        model_.hidden(tokens, state_, segment_of(lengths, tokens.extent(1), model_.device()));
    return reshape(model_.logits(last_of_rows(hidden, lengths)), {tokens.extent(0), vocab()});
  }

  const models::EncoderDecoder<T>& model_;
  typename models::EncoderDecoder<T>::State state_;
};

}  // namespace memsizer::decode

#ifdef MEMSIZER_KERNELS_ARE_LINKED
extern template class memsizer::decode::EncoderDecoderStepper<float>;
extern template class memsizer::decode::EncoderDecoderStepper<double>;
#endif
