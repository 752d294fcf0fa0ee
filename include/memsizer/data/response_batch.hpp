#pragma once
// A batch of prompts and responses as a language model reads them: each pair is one sequence, and only the
// response is scored. In a conversation a further question and its response follow in the same way.
//
//     input     </s> prompt   </s> response        padding     [rows, length]
//     output    -1 ..       -1     response </s>   -1 ..       [rows, length]

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/data/pair_batch.hpp"

namespace memsizer::data {

/// Row-major matrices of ids. Padding is on the right; an output of -1 is not scored.
struct ResponseBatch {
  Index rows = 0, length = 0;
  std::vector<TokenId> input, output;
  std::vector<TokenId> lengths;  // [rows] how many tokens of a row are real
  std::vector<Index> pairs;      // [rows] the number of each row's pair in its split

  /// The number of tokens that the batch scores.
  Index scored() const { return static_cast<Index>(output.size()) - std::ranges::count(output, TokenId{-1}); }
};

/// How many tokens of a prompt and of a response of these lengths stay in a row of `sequence` tokens. Both
/// lengths count an </s>. If they do not fit, the side that is longer than half of the row is cut; if both
/// are, to one half each. Example: of a prompt of 300 and a response of 100 tokens, 156 and 100 stay in 256.
inline RowLengths fit_response(Index prompt, Index response, Index sequence) {
  if (prompt + response <= sequence) return {prompt, response};
  const Index target = std::min(response, std::max(sequence - prompt, sequence - sequence / 2));
  return {sequence - target, target};
}

/// Cuts ids to the last `limit` of them. Returns whether it cut.
inline bool cut_beginning_to(std::vector<TokenId>& ids, Index limit) {
  const Index over = static_cast<Index>(ids.size()) - limit;
  if (over <= 0) return false;
  ids.erase(ids.begin(), ids.begin() + over);
  return true;
}

/// The layout with one row for both sides. A row has at most `sequence` tokens: a long prompt is cut from its
/// beginning, since the question stands at its end; a long response is cut at its end, and then has no </s>,
/// so that a model does not learn to end there.
class OneSequence {
 public:
  using Batch = ResponseBatch;

  /// `pairs` must outlive this. InputError for a sequence of fewer than 2 tokens.
  OneSequence(const EncodedPairs& pairs, const PairTokens& tokens, Index sequence)
      : pairs_(pairs), tokens_(tokens), sequence_(sequence) {
    require(sequence >= 2, "expected a sequence of 2 tokens or more for a prompt and its response, got ",
            sequence);
  }

  const EncodedPairs& pairs() const { return pairs_; }
  RowLengths rows(Index pair) const {
    const RowLengths sides = sides_of(pair);
    return {sides.source + sides.target, sides.source + sides.target};
  }
  PairCuts cuts(Index pair) const {
    const RowLengths kept = sides_of(pair);
    return {kept.source < pairs_.source_length(pair), kept.target < pairs_.target_length(pair)};
  }

  void read(std::span<const std::uint32_t> numbers, ResponseBatch& batch) const {
    batch.rows = static_cast<Index>(numbers.size());
    batch.length = detail::longest_rows(*this, numbers).source;
    const auto size = static_cast<std::size_t>(checked_product(batch.rows, batch.length, "batch"));
    batch.input.assign(size, tokens_.padding);
    batch.output.assign(size, -1);
    batch.pairs.assign(numbers.begin(), numbers.end());
    batch.lengths.clear();
    std::vector<TokenId> prompt, response;
    for (Index row = 0; row < batch.rows; ++row) {
      const Index pair = batch.pairs[static_cast<std::size_t>(row)];
      const RowLengths sides = sides_of(pair);
      pairs_.read(pair, prompt, response);
      cut_beginning_to(prompt, sides.source);
      const auto input = batch.input.begin() + row * batch.length;
      *input = tokens_.end;
      std::ranges::copy(prompt, input + 1);
      std::copy_n(response.begin(), sides.target - 1, input + 1 + sides.source);
      std::copy_n(response.begin(), sides.target, batch.output.begin() + row * batch.length + sides.source);
      batch.lengths.push_back(static_cast<TokenId>(sides.source + sides.target));
    }
  }

 private:
  RowLengths sides_of(Index pair) const {
    return fit_response(pairs_.source_length(pair), pairs_.target_length(pair), sequence_);
  }

  const EncodedPairs& pairs_;
  PairTokens tokens_;
  Index sequence_;
};

}  // namespace memsizer::data
