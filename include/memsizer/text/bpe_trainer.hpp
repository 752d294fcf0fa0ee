#pragma once
// Learns merges: again and again, the most frequent pair of neighbours in all words becomes a token. Among
// equally frequent pairs the one with the smaller (left id, right id) comes first, as in Hugging Face's
// trainer.

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/files/linkage.hpp"
#include "memsizer/text/bpe.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/merging_words.hpp"
#include "memsizer/text/word_counts.hpp"

namespace memsizer::text {

namespace detail {

/// A vocabulary that grows by merges: the special tokens, the 256 bytes, then the merged tokens.
class GrowingVocabulary {
 public:
  explicit GrowingVocabulary(std::vector<std::string> special_tokens) {
    parts_.outside.assign(special_tokens.size(), true);
    parts_.tokens = std::move(special_tokens);
    for (const unsigned char byte : bytes_in_alphabet_order)
      byte_ids_[byte] = add(std::string(1, static_cast<char>(byte)));
  }

  Index size() const { return static_cast<Index>(parts_.tokens.size()); }
  const std::array<TokenId, 256>& byte_ids() const { return byte_ids_; }
  BpeModel::Parts take() { return std::move(parts_); }

  /// Adds the token of the two joined. No earlier merge made the same bytes: every merge is made wherever it
  /// can be, so the symbols between two borders have merged as they would alone, and equal bytes give equal
  /// symbols.
  TokenId merge(TokenId left, TokenId right) {
    const TokenId result =
        add(parts_.tokens[static_cast<size_t>(left)] + parts_.tokens[static_cast<size_t>(right)]);
    parts_.merges.push_back({left, right, result});
    return result;
  }

 private:
  TokenId add(std::string bytes) {
    parts_.tokens.push_back(std::move(bytes));
    parts_.outside.push_back(false);
    return static_cast<TokenId>(parts_.tokens.size() - 1);
  }

  BpeModel::Parts parts_;
  std::array<TokenId, 256> byte_ids_{};
};

inline void require_vocab_size(Index vocab_size, const std::vector<std::string>& special_tokens) {
  const Index smallest = static_cast<Index>(special_tokens.size()) + 256;
  require(vocab_size >= smallest && vocab_size <= std::numeric_limits<TokenId>::max(),
          "expected a vocabulary size from ", smallest, " (", special_tokens.size(),
          " special tokens and 256 bytes) to ", std::numeric_limits<TokenId>::max(), ", got ", vocab_size);
}

}  // namespace detail

/// Learns merges until there are `vocab_size` tokens, special ones included. There are fewer if no pair is
/// left. InputError if `vocab_size` is less than the number of special tokens and bytes.
///
/// Counts are updated, not computed anew. With P places where pairs came up, this takes O(P log P).
BpeModel::Parts train_bpe(WordCounts word_counts, const std::vector<std::string>& special_tokens,
                          Index vocab_size);

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION BpeModel::Parts train_bpe(WordCounts word_counts,
                                                 const std::vector<std::string>& special_tokens,
                                                 Index vocab_size) {
  detail::require_vocab_size(vocab_size, special_tokens);
  detail::GrowingVocabulary vocabulary(special_tokens);
  detail::MergingWords words(std::move(word_counts), vocabulary.byte_ids());
  while (vocabulary.size() < vocab_size) {
    const auto best = words.take_best();
    if (!best) break;
    const auto& pair = words.pair(*best);
    words.merge(*best, vocabulary.merge(pair.left, pair.right));
  }
  return vocabulary.take();
}

#endif

}  // namespace memsizer::text
