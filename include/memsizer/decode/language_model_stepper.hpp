#pragma once
// A stepper for a language model, which decoding drives.

#include <algorithm>
#include <functional>
#include <utility>

#include "memsizer/decode/logits.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/models/language_model.hpp"

namespace memsizer::decode {

/// The model must outlive the stepper. Prompts of different lengths are read together, padded on the right.
/// Long prompts are read in segments if the kinds of attention allow it; a callback reports the progress, and
/// can end the reading.
template <class T>
class LanguageModelStepper : public Stepper<T> {
 public:
  /// Called after each segment with the number of a prompt's tokens read so far. If it throws, the reading
  /// ends.
  using Reading = std::function<void(Index done, Index of)>;

  explicit LanguageModelStepper(
      const models::LanguageModel<T>& model, Reading reading = [](Index, Index) {})
      : model_(model), reading_(std::move(reading)) {}

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
    state_ = model_.initial_state(static_cast<Index>(prompts.size()));
    const Index before = read_beginnings(tokens, lengths, time);
    Tensor<T> logits = read(segment(tokens, time, before, time), lengths_after(lengths, before));
    reading_(time, time);
    return logits;
  }

  Tensor<T> step(const std::vector<Id>& tokens) override {
    const auto rows = static_cast<Index>(tokens.size());
    return read(Tensor<Id>(Shape{rows, 1}, tokens, model_.device()), std::vector<Id>(tokens.size(), 1));
  }

  void reorder(const std::vector<Index>& rows) override {
    for (nn::State<T>& layer : state_) layer.reorder(rows);
  }

  /// The bytes that all rows remember.
  Index state_bytes() const {
    Index bytes = 0;
    for (const nn::State<T>& layer : state_) bytes += layer.bytes();
    return bytes;
  }

 private:
  static constexpr Index segment_tokens = 1024;

  /// The columns [first, last) of tokens [rows, time].
  Tensor<Id> segment(const std::vector<Id>& tokens, Index time, Index first, Index last) const {
    const Index rows = static_cast<Index>(tokens.size()) / time;
    std::vector<Id> part;
    for (Index row = 0; row < rows; ++row)
      part.insert(part.end(), tokens.begin() + row * time + first, tokens.begin() + row * time + last);
    return Tensor<Id>(Shape{rows, last - first}, part, model_.device());
  }

  static std::vector<Id> lengths_after(std::vector<Id> lengths, Index before) {
    for (Id& length : lengths) length -= static_cast<Id>(before);
    return lengths;
  }

  /// Whether all layers promise that reading a text in segments gives the same as reading it at once.
  bool may_cut() const {
    return std::ranges::all_of(model_.config().attention, [](const std::string& kind) {
      return nn::find_attention_kind<T>(kind).any_cut;
    });
  }

  /// Reads whole segments while every row still has a token after them. Returns the number of tokens read in
  /// each row.
  Index read_beginnings(const std::vector<Id>& tokens, const std::vector<Id>& lengths, Index time) {
    Index done = 0;
    if (!may_cut()) return done;
    for (; done + segment_tokens < std::ranges::min(lengths); done += segment_tokens) {
      model_.hidden(segment(tokens, time, done, done + segment_tokens), {}, &state_);
      reading_(done + segment_tokens, time);
    }
    return done;
  }

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
  Reading reading_;
  typename models::LanguageModel<T>::State state_;
};

}  // namespace memsizer::decode

#ifdef MEMSIZER_KERNELS_ARE_LINKED
extern template class memsizer::decode::LanguageModelStepper<float>;
extern template class memsizer::decode::LanguageModelStepper<double>;
#endif
