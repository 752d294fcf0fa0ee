#pragma once
// The trainer by its definition: count all pairs, merge the best one everywhere, and start again. Tests
// compare the fast trainer with it.

#include <map>
#include <utility>

#include "memsizer/text/bpe_trainer.hpp"

namespace memsizer::text {

/// Gives the same as train_bpe, in O(vocabulary x text).
inline BpeModel::Parts train_bpe_naively(const WordCounts& word_counts,
                                         const std::vector<std::string>& special_tokens, Index vocab_size) {
  detail::require_vocab_size(vocab_size, special_tokens);
  detail::GrowingVocabulary vocabulary(special_tokens);
  std::vector<std::pair<std::vector<TokenId>, Index>> words;
  for (const auto& [word, count] : word_counts) {
    auto& symbols = words.emplace_back(std::vector<TokenId>(), count).first;
    for (const char byte : word) symbols.push_back(vocabulary.byte_ids()[static_cast<unsigned char>(byte)]);
  }
  while (vocabulary.size() < vocab_size) {
    std::map<std::pair<TokenId, TokenId>, Index> counts;
    for (const auto& [symbols, count] : words)
      for (size_t i = 1; i < symbols.size(); ++i) counts[{symbols[i - 1], symbols[i]}] += count;
    const auto best = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;  // among equals the first wins, which has the smaller ids
    });
    if (best == counts.end()) break;
    const auto [left, right] = best->first;
    const TokenId result = vocabulary.merge(left, right);
    for (auto& [symbols, count] : words)
      for (size_t i = 1; i < symbols.size(); ++i)
        if (symbols[i - 1] == left && symbols[i] == right) {
          symbols[i - 1] = result;
          symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(i));
        }
  }
  return vocabulary.take();
}

}  // namespace memsizer::text
