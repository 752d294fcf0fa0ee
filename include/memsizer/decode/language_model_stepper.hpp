#pragma once
// A stepper for a language model, which decoding drives.

#include <algorithm>
#include <functional>
#include <utility>

#include "memsizer/base/linkage.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/models/language_model.hpp"
#if MEMSIZER_CORE_HAS_BODIES
#include "memsizer/decode/padded_rows.hpp"
#include "memsizer/ops/convert.hpp"
#endif

namespace memsizer::decode {

class PaddedRows;

/// The model must outlive the stepper. Prompts that are added together are read together, padded on the
/// right. Long prompts are read in segments if the kinds of attention allow it; a callback reports the
/// progress, and can end the reading.
template <class T>
class LanguageModelStepper : public Stepper<Accumulate<T>> {
 public:
  using A = Accumulate<T>;

  /// Called after each segment with the number of a prompt's tokens read so far. If it throws, the reading
  /// ends.
  using Reading = std::function<void(Index done, Index of)>;

  explicit LanguageModelStepper(
      const models::LanguageModel<T>& model, Reading reading = [](Index, Index) {})
      : model_(model), reading_(std::move(reading)) {}

  Index vocab() const override { return model_.config().vocab; }

  Index positions() const override { return models::position_limit<T>(model_.config()); }

  /// InputError if a prompt has no token, or has a source.
  Tensor<A> add(const std::vector<Prompt>& prompts) override;

  Tensor<A> extend(const std::vector<Id>& tokens) override;

  Tensor<A> step(const std::vector<Id>& tokens) override;

  void reorder(const std::vector<Index>& rows) override;

  Index state_bytes() const override;

 private:
  using State = typename models::LanguageModel<T>::State;

  static constexpr Index segment_tokens = 1024;

  static std::vector<Id> lengths_after(std::vector<Id> lengths, Index before);

  /// Whether all layers promise that reading a text in segments gives the same as reading it at once.
  bool may_cut() const;

  /// Reads whole segments while every row still has a token after them. Returns the number of tokens read in
  /// each row.
  Index read_beginnings(const PaddedRows& rows, State& state) const;

  /// Logits [rows, vocab] after the last real token of each row of a state.
  Tensor<A> read(const Tensor<Id>& tokens, const std::vector<Id>& lengths, State& state) const;

  const models::LanguageModel<T>& model_;
  Reading reading_;
  State state_;
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
std::vector<Id> LanguageModelStepper<T>::lengths_after(std::vector<Id> lengths, Index before) {
  for (Id& length : lengths) length -= static_cast<Id>(before);
  return lengths;
}

template <class T>
Tensor<Accumulate<T>> LanguageModelStepper<T>::add(const std::vector<Prompt>& prompts) {
  for (const Prompt& prompt : prompts)
    require(prompt.source.empty(), "decoding: a language model reads no source");
  const PaddedRows rows("prompt", prompts, &Prompt::tokens, vocab());
  State added = model_.initial_state(rows.rows());
  const Index before = read_beginnings(rows, added);
  const Tensor<A> logits =
      read(rows.columns(before, rows.time(), model_.device()), lengths_after(rows.lengths(), before), added);
  reading_(rows.time(), rows.time());
  if (state_.empty() || state_[0].batch() == 0)
    state_ = std::move(added);
  else
    nn::append(state_, added);
  return logits;
}

template <class T>
Tensor<Accumulate<T>> LanguageModelStepper<T>::extend(const std::vector<Id>& tokens) {
  const auto count = static_cast<Index>(tokens.size());
  return read(Tensor<Id>(Shape{1, count}, tokens, model_.device()), {static_cast<Id>(count)}, state_);
}

template <class T>
Tensor<Accumulate<T>> LanguageModelStepper<T>::step(const std::vector<Id>& tokens) {
  const auto rows = static_cast<Index>(tokens.size());
  return read(Tensor<Id>(Shape{rows, 1}, tokens, model_.device()), std::vector<Id>(tokens.size(), 1), state_);
}

template <class T>
void LanguageModelStepper<T>::reorder(const std::vector<Index>& rows) {
  for (nn::State<T>& layer : state_) layer.reorder(rows);
}

template <class T>
Index LanguageModelStepper<T>::state_bytes() const {
  Index bytes = 0;
  for (const nn::State<T>& layer : state_) bytes += layer.bytes();
  return bytes;
}

template <class T>
bool LanguageModelStepper<T>::may_cut() const {
  return std::ranges::all_of(model_.config().attention, [](const std::string& kind) {
    return nn::find_attention_kind<T>(kind).any_cut;
  });
}

template <class T>
Index LanguageModelStepper<T>::read_beginnings(const PaddedRows& rows, State& state) const {
  Index done = 0;
  if (!may_cut()) return done;
  for (; done + segment_tokens < std::ranges::min(rows.lengths()); done += segment_tokens) {
    model_.hidden(rows.columns(done, done + segment_tokens, model_.device()), {}, &state);
    reading_(done + segment_tokens, rows.time());
  }
  return done;
}

template <class T>
Tensor<Accumulate<T>> LanguageModelStepper<T>::read(const Tensor<Id>& tokens, const std::vector<Id>& lengths,
                                                    State& state) const {
  const Tensor<T> hidden =
      model_.hidden(tokens, segment_of(lengths, tokens.extent(1), model_.device()), &state);
  return cast<A>(reshape(model_.logits(last_of_rows(hidden, lengths)), {tokens.extent(0), vocab()}));
}

#endif

}  // namespace memsizer::decode
