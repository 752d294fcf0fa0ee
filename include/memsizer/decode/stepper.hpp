#pragma once
// The interface of a model for decoding: read prompts, continue by a token, reorder rows.

#include <vector>

#include "memsizer/base/lists.hpp"
#include "memsizer/tensor/tensor.hpp"

namespace memsizer::decode {

/// A sequence to continue.
struct Prompt {
  std::vector<Id> tokens;    // at least one; an empty text has the token that begins a text
  Index max_tokens = 100;    // the most new tokens, including the stop token
  std::uint64_t stream = 0;  // selects the random numbers for sampling: the text's number in the whole input
  std::vector<Id> source = {};  // what an encoder-decoder reads first; a language model has none
  bool is_cut = false;          // whether the text had more tokens than are read, for whoever tells the user
};

/// A model together with what it has read so far, in a row for each sequence. A language model remembers its
/// prompts, an encoder-decoder its sources too; decoding sees no difference.
template <class T>
class Stepper {
 public:
  virtual ~Stepper() = default;

  virtual Index vocab() const = 0;

  /// The most tokens of a row, prompt and new tokens together, that the model has positions for; 0: no limit.
  virtual Index positions() const { return 0; }

  /// Reads the prompts as one segment, each in a new row after the present rows. Returns the logits [prompts,
  /// vocab] of their next tokens. If this fails, the present rows stay as they were.
  virtual Tensor<T> add(const std::vector<Prompt>& prompts) = 0;

  /// Reads one more token in each row. Returns the logits [rows, vocab] of the next tokens.
  virtual Tensor<T> step(const std::vector<Id>& tokens) = 0;

  /// Reads further tokens in the only row, such as the next turn of a conversation. Returns the logits [1,
  /// vocab] of the next token.
  virtual Tensor<T> extend(const std::vector<Id>& tokens) = 0;

  /// From now on row i continues what row rows[i] has read. Rows may repeat or be left out.
  virtual void reorder(const std::vector<Index>& rows) = 0;

  /// The bytes that all rows remember, of their sources too.
  virtual Index state_bytes() const = 0;

  /// Forgets all rows, then adds the prompts.
  Tensor<T> start(const std::vector<Prompt>& prompts) {
    reorder({});
    return add(prompts);
  }
};

/// A callback that is told of a long reading throws this to end it. Decoding then ends all results as they
/// are.
struct ReadingEnded {};

/// The next step of a batch: the new row i continues the old row rows[i] with tokens[i].
struct NextStep {
  std::vector<Index> rows;
  std::vector<Id> tokens;
};

/// Takes a step. Returns the logits [rows, vocab] after it. Rows are reordered only if their order changes.
template <class T>
Tensor<T> take_step(Stepper<T>& stepper, const NextStep& next, Index rows_before) {
  if (!is_in_order(next.rows, rows_before)) stepper.reorder(next.rows);
  return stepper.step(next.tokens);
}

}  // namespace memsizer::decode
