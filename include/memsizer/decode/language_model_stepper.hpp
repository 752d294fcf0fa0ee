#pragma once
// A language model as decoding drives it.

#include "memsizer/decode/logits.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/models/language_model.hpp"

namespace memsizer::decode {

/// The model must outlive it. Prompts of different lengths are read together, padded on the right.
template <class T>
class LanguageModelStepper : public Stepper<T> {
 public:
  explicit LanguageModelStepper(const models::LanguageModel<T>& model) : model_(model) {}

  Index vocab() const override { return model_.config().vocab; }

  Tensor<T> start(const std::vector<Prompt>& prompts) override {
    Index time = 0;
    std::vector<Id> lengths;
    for (const Prompt& prompt : prompts) {
      require(!prompt.tokens.empty(), "decoding: a prompt of at least one token expected");
      require_tokens("prompt", prompt.tokens, vocab());
      lengths.push_back(static_cast<Id>(prompt.tokens.size()));
      time = std::max<Index>(time, lengths.back());
    }
    std::vector<Id> tokens;
    for (const Prompt& prompt : prompts) {
      tokens.insert(tokens.end(), prompt.tokens.begin(), prompt.tokens.end());
      tokens.resize(tokens.size() + static_cast<std::size_t>(time) - prompt.tokens.size());
    }
    const auto rows = static_cast<Index>(prompts.size());
    state_ = model_.initial_state(rows);
    return read(Tensor<Id>(Shape{rows, time}, tokens, model_.device()), lengths);
  }

  Tensor<T> step(const std::vector<Id>& tokens) override {
    const auto rows = static_cast<Index>(tokens.size());
    return read(Tensor<Id>(Shape{rows, 1}, tokens, model_.device()), std::vector<Id>(tokens.size(), 1));
  }

  void reorder(const std::vector<Index>& rows) override {
    for (nn::State<T>& layer : state_) layer.reorder(rows);
  }

  /// What all rows remember, in bytes.
  Index state_bytes() const {
    Index bytes = 0;
    for (const nn::State<T>& layer : state_) bytes += layer.bytes();
    return bytes;
  }

 private:
  /// Logits [rows, vocab] after the last real token of each row.
  Tensor<T> read(const Tensor<Id>& tokens, const std::vector<Id>& lengths) {
    const Index rows = tokens.extent(0), time = tokens.extent(1);
    nn::Sequence sequence;
    if (std::ranges::any_of(lengths, [&](Id length) { return length != time; }))
      sequence.lengths = nn::Lengths(lengths, model_.device());
    Tensor<T> hidden = model_.hidden(tokens, sequence, &state_);
    hidden = reshape(hidden, {rows * time, hidden.extent(2)});
    if (time > 1) {
      std::vector<Id> last;
      for (Index row = 0; row < rows; ++row)
        last.push_back(static_cast<Id>(row * time) + lengths[static_cast<std::size_t>(row)] - 1);
      hidden = embedding(Tensor<Id>(Shape{1, rows}, last, model_.device()), hidden);
    }
    return reshape(model_.logits(hidden), {rows, vocab()});
  }

  const models::LanguageModel<T>& model_;
  typename models::LanguageModel<T>::State state_;
};

}  // namespace memsizer::decode
