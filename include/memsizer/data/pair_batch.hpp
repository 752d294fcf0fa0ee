#pragma once
// A batch of pairs as a model reads it, in fairseq's convention: the source ends with </s>; the decoder reads
// </s> and the target, and is to say the target and </s>.
//
//     source          ids </s>  padding      [rows, source_length]
//     decoder input   </s> ids  padding      [rows, target_length]
//     decoder output  ids </s>  -1 ..        [rows, target_length]

#include <algorithm>
#include <span>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/data/encoded_pairs.hpp"
#include "memsizer/data/token_ids.hpp"

namespace memsizer::data {

/// Row-major matrices of ids. Padding is on the right; the lengths say how many tokens of a row are real, and
/// an output of -1 is not scored.
struct PairBatch {
  Index rows = 0, source_length = 0, target_length = 0;
  std::vector<TokenId> source, decoder_input, decoder_output;
  std::vector<TokenId> source_lengths, target_lengths;  // [rows], </s> included
  std::vector<Index> pairs;                             // [rows] the number of each row's pair in its split

  /// The number of tokens that the batch scores.
  Index scored() const {
    Index sum = 0;
    for (const TokenId length : target_lengths) sum += length;
    return sum;
  }
};

/// Ids with a role in a batch: what ends a sentence and begins the decoder's input, and what fills a row.
struct PairTokens {
  TokenId end, padding;
};

/// The largest number of tokens on each side, </s> included; 0: no limit.
struct PairLimits {
  Index source = 0, target = 0;

  bool operator==(const PairLimits&) const = default;
};

/// Cuts ids that end with </s> to `limit` tokens, of which </s> remains the last. Returns whether it cut.
inline bool cut_to(std::vector<TokenId>& ids, Index limit) {
  if (limit == 0 || static_cast<Index>(ids.size()) <= limit) return false;
  const TokenId end = ids.back();
  ids.resize(static_cast<std::size_t>(limit));
  ids.back() = end;
  return true;
}

namespace detail {

/// The length of the longest row, if each is cut to `limit`.
inline Index padded_length(Index longest, Index limit) {
  return limit == 0 ? longest : std::min(longest, limit);
}

}  // namespace detail

/// Fills a batch with the given pairs, one a row. Sentences over the limits are cut.
inline void read_batch(const EncodedPairs& pairs, std::span<const std::uint32_t> numbers,
                       const PairTokens& tokens, const PairLimits& limits, PairBatch& batch) {
  Index source_length = 0, target_length = 0;
  for (const std::uint32_t pair : numbers) {
    source_length = std::max(source_length, pairs.source_length(pair));
    target_length = std::max(target_length, pairs.target_length(pair));
  }
  batch.rows = static_cast<Index>(numbers.size());
  batch.source_length = detail::padded_length(source_length, limits.source);
  batch.target_length = detail::padded_length(target_length, limits.target);
  const auto sources = static_cast<std::size_t>(checked_product(batch.rows, batch.source_length, "batch"));
  const auto targets = static_cast<std::size_t>(checked_product(batch.rows, batch.target_length, "batch"));
  batch.source.assign(sources, tokens.padding);
  batch.decoder_input.assign(targets, tokens.padding);
  batch.decoder_output.assign(targets, -1);
  batch.pairs.assign(numbers.begin(), numbers.end());
  batch.source_lengths.clear(), batch.target_lengths.clear();
  std::vector<TokenId> source, target;
  for (Index row = 0; row < batch.rows; ++row) {
    pairs.read(batch.pairs[static_cast<std::size_t>(row)], source, target);
    cut_to(source, limits.source);
    cut_to(target, limits.target);
    std::ranges::copy(source, batch.source.begin() + row * batch.source_length);
    std::ranges::copy(target, batch.decoder_output.begin() + row * batch.target_length);
    const auto input = batch.decoder_input.begin() + row * batch.target_length;
    *input = tokens.end;
    std::copy(target.begin(), target.end() - 1, input + 1);
    batch.source_lengths.push_back(static_cast<TokenId>(source.size()));
    batch.target_lengths.push_back(static_cast<TokenId>(target.size()));
  }
}

}  // namespace memsizer::data
