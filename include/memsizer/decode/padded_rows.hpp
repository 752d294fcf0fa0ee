#pragma once
// Texts of different lengths as one matrix of ids, for steppers.

#include <algorithm>

#include "memsizer/decode/logits.hpp"
#include "memsizer/nn/sequence.hpp"

namespace memsizer::decode {

/// Texts as the rows of a matrix [rows, time], padded on the right with 0.
class PaddedRows {
 public:
  /// The ids of each prompt that `part` selects, such as &Prompt::tokens. InputError, which calls them by
  /// `name`, if a prompt has none, or one outside the vocabulary.
  template <class Prompt>
  PaddedRows(const char* name, const std::vector<Prompt>& prompts, std::vector<Id> Prompt::*part,
             Index vocab) {
    for (const Prompt& prompt : prompts) {
      const std::vector<Id>& ids = prompt.*part;
      require(!ids.empty(), "decoding: a ", name, " of at least one token expected");
      require_tokens(name, ids, vocab);
      lengths_.push_back(static_cast<Id>(ids.size()));
      time_ = std::max<Index>(time_, lengths_.back());
    }
    for (const Prompt& prompt : prompts) {
      ids_.insert(ids_.end(), (prompt.*part).begin(), (prompt.*part).end());
      ids_.resize(ids_.size() + static_cast<std::size_t>(time_) - (prompt.*part).size());
    }
  }

  Index rows() const { return static_cast<Index>(lengths_.size()); }
  Index time() const { return time_; }
  const std::vector<Id>& lengths() const { return lengths_; }

  /// The columns [first, last) on a device.
  Tensor<Id> columns(Index first, Index last, Device& device) const {
    std::vector<Id> part;
    for (Index row = 0; row < rows(); ++row)
      part.insert(part.end(), ids_.begin() + row * time_ + first, ids_.begin() + row * time_ + last);
    return Tensor<Id>(Shape{rows(), last - first}, part, device);
  }

 private:
  std::vector<Id> ids_, lengths_;
  Index time_ = 0;
};

/// A segment of `time` tokens with these numbers of real ones; if all are real, it needs no lengths.
inline nn::Sequence segment_of(const std::vector<Id>& lengths, Index time, Device& device) {
  if (std::ranges::all_of(lengths, [&](Id length) { return length == time; })) return {};
  return {.lengths = nn::Lengths(lengths, device)};
}

/// The vectors [1, rows, dim] of the last real token of each row of hidden [rows, time, dim].
template <class T>
Tensor<T> last_of_rows(const Tensor<T>& hidden, const std::vector<Id>& lengths) {
  const Index rows = hidden.extent(0), time = hidden.extent(1);
  if (time == 1) return reshape(hidden, {1, rows, hidden.extent(2)});
  std::vector<Id> last;
  for (Index row = 0; row < rows; ++row)
    last.push_back(static_cast<Id>(row * time) + lengths[static_cast<std::size_t>(row)] - 1);
  return embedding(Tensor<Id>(Shape{1, rows}, last, hidden.device()),
                   reshape(hidden, {rows * time, hidden.extent(2)}));
}

}  // namespace memsizer::decode
