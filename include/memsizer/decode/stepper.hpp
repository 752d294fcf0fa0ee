#pragma once
// What decoding asks of a model, whatever its kind: read, go on by a token, reorder its rows.

#include <vector>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer::decode {

/// A sequence to be continued.
struct Prompt {
  std::vector<Id> tokens;    // at least one: where nothing was said yet, the token that begins a text
  Index max_tokens = 100;    // how many new ones at most, the stop token counted
  std::uint64_t stream = 0;  // which random numbers sampling draws: the text's number in the whole input
};

/// A model with what it has read so far, a row for each sequence. A language model remembers its prompts, an
/// encoder-decoder its sources too; decoding sees no difference.
template <class T>
class Stepper {
 public:
  virtual ~Stepper() = default;

  virtual Index vocab() const = 0;

  /// Reads the prompts, a row each, as one segment. Returns the logits [rows, vocab] of the tokens that come
  /// next.
  virtual Tensor<T> start(const std::vector<Prompt>& prompts) = 0;

  /// Reads one more token in each row; returns the logits of the tokens that come next.
  virtual Tensor<T> step(const std::vector<Id>& tokens) = 0;

  /// From now on row i goes on from what row rows[i] has read; rows may repeat or be left out.
  virtual void reorder(const std::vector<Index>& rows) = 0;
};

/// How a batch goes on: its new row i from its old row rows[i], by tokens[i].
struct NextStep {
  std::vector<Index> rows;
  std::vector<Id> tokens;
};

/// The prompts' first logits, on the host. InputError where one may not grow.
template <class T>
std::vector<T> first_logits(Stepper<T>& stepper, const std::vector<Prompt>& prompts) {
  for (const Prompt& prompt : prompts)
    require(prompt.max_tokens > 0, "max_tokens: above 0 expected, got ", prompt.max_tokens);
  return stepper.start(prompts).to_vector();
}

/// Takes a step; the logits after it on the host. Rows are moved only where they change.
template <class T>
std::vector<T> next_logits(Stepper<T>& stepper, const NextStep& next, Index rows_before) {
  bool changed = static_cast<Index>(next.rows.size()) != rows_before;
  for (std::size_t i = 0; i < next.rows.size(); ++i) changed |= next.rows[i] != static_cast<Index>(i);
  if (changed) stepper.reorder(next.rows);
  return stepper.step(next.tokens).to_vector();
}

}  // namespace memsizer::decode
