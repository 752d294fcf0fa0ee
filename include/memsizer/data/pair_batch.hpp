#pragma once
// A batch of pairs as a model reads it, in fairseq's convention: the source ends with </s>; the decoder reads
// </s> and the target, and is to say the target and </s>.
//
//     source          ids </s>  padding      [rows, source_length]
//     decoder input   </s> ids  padding      [rows, target_length]
//     decoder output  ids </s>  -1 ..        [rows, target_length]

#include <algorithm>
#include <concepts>
#include <cstdint>
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

/// The lengths of the rows that a pair has in a batch, after cutting: of its source and of its target. Where
/// a pair is one row, both are the length of that row.
struct RowLengths {
  Index source = 0, target = 0;

  Index longest() const { return std::max(source, target); }
};

/// Which sides of a pair are cut.
struct PairCuts {
  bool source = false, target = false;

  bool any() const { return source || target; }
};

/// What pairs become in a batch, such as rows of sources beside rows of targets. It knows the pairs, the
/// lengths of their rows and what is cut, and fills a batch with the pairs of some numbers, one a row.
template <class Layout>
concept PairLayout = requires(const Layout& layout, Index pair, std::span<const std::uint32_t> numbers,
                              typename Layout::Batch& batch) {
  { layout.pairs() } -> std::same_as<const EncodedPairs&>;
  { layout.rows(pair) } -> std::same_as<RowLengths>;
  { layout.cuts(pair) } -> std::same_as<PairCuts>;
  layout.read(numbers, batch);
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

/// The lengths of the longest rows of some pairs, to which the others are padded.
template <PairLayout Layout>
RowLengths longest_rows(const Layout& layout, std::span<const std::uint32_t> numbers) {
  RowLengths longest;
  for (const std::uint32_t pair : numbers) {
    const RowLengths rows = layout.rows(pair);
    longest.source = std::max(longest.source, rows.source);
    longest.target = std::max(longest.target, rows.target);
  }
  return longest;
}

}  // namespace detail

/// The layout with a row for the source and a row for the target, as an encoder-decoder reads them. Sides
/// over the limits are cut before their </s>.
class TwoSides {
 public:
  using Batch = PairBatch;

  /// `pairs` must outlive this. InputError for a limit below 0.
  TwoSides(const EncodedPairs& pairs, const PairTokens& tokens, const PairLimits& limits = {})
      : pairs_(pairs), tokens_(tokens), limits_(limits) {
    require(limits.source >= 0 && limits.target >= 0, "expected limits of 0 or more, got ", limits.source,
            " and ", limits.target);
  }

  const EncodedPairs& pairs() const { return pairs_; }
  RowLengths rows(Index pair) const {
    return {cut_length(pairs_.source_length(pair), limits_.source),
            cut_length(pairs_.target_length(pair), limits_.target)};
  }
  PairCuts cuts(Index pair) const {
    const RowLengths kept = rows(pair);
    return {kept.source < pairs_.source_length(pair), kept.target < pairs_.target_length(pair)};
  }
  void read(std::span<const std::uint32_t> numbers, PairBatch& batch) const;

 private:
  static Index cut_length(Index length, Index limit) { return limit == 0 ? length : std::min(length, limit); }

  const EncodedPairs& pairs_;
  PairTokens tokens_;
  PairLimits limits_;
};

inline void TwoSides::read(std::span<const std::uint32_t> numbers, PairBatch& batch) const {
  const RowLengths longest = detail::longest_rows(*this, numbers);
  batch.rows = static_cast<Index>(numbers.size());
  batch.source_length = longest.source;
  batch.target_length = longest.target;
  const auto sources = static_cast<std::size_t>(checked_product(batch.rows, batch.source_length, "batch"));
  const auto targets = static_cast<std::size_t>(checked_product(batch.rows, batch.target_length, "batch"));
  batch.source.assign(sources, tokens_.padding);
  batch.decoder_input.assign(targets, tokens_.padding);
  batch.decoder_output.assign(targets, -1);
  batch.pairs.assign(numbers.begin(), numbers.end());
  batch.source_lengths.clear(), batch.target_lengths.clear();
  std::vector<TokenId> source, target;
  for (Index row = 0; row < batch.rows; ++row) {
    pairs_.read(batch.pairs[static_cast<std::size_t>(row)], source, target);
    cut_to(source, limits_.source);
    cut_to(target, limits_.target);
    std::ranges::copy(source, batch.source.begin() + row * batch.source_length);
    std::ranges::copy(target, batch.decoder_output.begin() + row * batch.target_length);
    const auto input = batch.decoder_input.begin() + row * batch.target_length;
    *input = tokens_.end;
    std::copy(target.begin(), target.end() - 1, input + 1);
    batch.source_lengths.push_back(static_cast<TokenId>(source.size()));
    batch.target_lengths.push_back(static_cast<TokenId>(target.size()));
  }
}

}  // namespace memsizer::data
