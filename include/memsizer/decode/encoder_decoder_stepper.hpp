#pragma once
// A stepper for an encoder-decoder, which decoding drives.

#include <utility>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/models/encoder_decoder.hpp"
#if MEMSIZER_CORE_HAS_BODIES
#include "memsizer/decode/padded_rows.hpp"
#include "memsizer/ops/convert.hpp"
#endif

namespace memsizer::decode {

/// The model must outlive the stepper. The sources of prompts that are added together are encoded together,
/// padded on the right, once: hypotheses of a prompt share what its source has become.
template <class T>
class EncoderDecoderStepper : public Stepper<Accumulate<T>> {
 public:
  using A = Accumulate<T>;

  explicit EncoderDecoderStepper(const models::EncoderDecoder<T>& model) : model_(model) {}

  Index vocab() const override { return model_.config().decoder.vocab; }

  Index positions() const override { return models::position_limit<T>(model_.config().decoder); }

  /// InputError if a prompt has no source, or no token that begins the target.
  Tensor<A> add(const std::vector<Prompt>& prompts) override;

  Tensor<A> extend(const std::vector<Id>& tokens) override;

  Tensor<A> step(const std::vector<Id>& tokens) override;

  void reorder(const std::vector<Index>& rows) override { state_.reorder(rows); }

  Index state_bytes() const override { return state_.bytes(); }

 private:
  using State = typename models::EncoderDecoder<T>::State;

  /// Logits [rows, vocab] after the last real token of each row of a state.
  Tensor<A> read(const Tensor<Id>& tokens, const std::vector<Id>& lengths, State& state) const;

  const models::EncoderDecoder<T>& model_;
  State state_;
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
Tensor<Accumulate<T>> EncoderDecoderStepper<T>::add(const std::vector<Prompt>& prompts) {
  const PaddedRows sources("source", prompts, &Prompt::source, vocab());
  const PaddedRows tokens("prompt", prompts, &Prompt::tokens, vocab());
  Device& device = model_.device();
  // Sources that have lengths can be appended to one another, whatever their lengths are.
  State added = model_.initial_state(model_.encode(sources.columns(0, sources.time(), device),
                                                   {.lengths = nn::Lengths(sources.lengths(), device)}));
  const Tensor<A> logits = read(tokens.columns(0, tokens.time(), device), tokens.lengths(), added);
  if (state_.batch() == 0)
    state_ = std::move(added);
  else
    state_.append(added);
  return logits;
}

template <class T>
Tensor<Accumulate<T>> EncoderDecoderStepper<T>::extend(const std::vector<Id>& tokens) {
  const auto count = static_cast<Index>(tokens.size());
  return read(Tensor<Id>(Shape{1, count}, tokens, model_.device()), {static_cast<Id>(count)}, state_);
}

template <class T>
Tensor<Accumulate<T>> EncoderDecoderStepper<T>::step(const std::vector<Id>& tokens) {
  const auto rows = static_cast<Index>(tokens.size());
  return read(Tensor<Id>(Shape{rows, 1}, tokens, model_.device()), std::vector<Id>(tokens.size(), 1), state_);
}

template <class T>
Tensor<Accumulate<T>> EncoderDecoderStepper<T>::read(const Tensor<Id>& tokens, const std::vector<Id>& lengths,
                                                     State& state) const {
  const Tensor<T> hidden =
      model_.hidden(tokens, state, segment_of(lengths, tokens.extent(1), model_.device()));
  return cast<A>(reshape(model_.logits(last_of_rows(hidden, lengths)), {tokens.extent(0), vocab()}));
}

#endif

}  // namespace memsizer::decode
