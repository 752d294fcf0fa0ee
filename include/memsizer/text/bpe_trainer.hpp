#pragma once
// Learns merges: again and again, the most frequent pair of neighbours in all words becomes a token. Among
// equally frequent pairs the one with the smaller (left id, right id) comes first, as in Hugging Face's
// trainer.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/text/bpe.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/linkage.hpp"
#include "memsizer/text/pair_map.hpp"

namespace memsizer::text {

/// How often each word of the training text occurs.
using WordCounts = detail::StringMap<Index>;

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

/// All words as one array of symbols, in which merges are made in place. A merge changes only the counts of
/// the pairs beside it.
class MergingWords {
 public:
  using Place = std::uint32_t;

  struct Pair {
    TokenId left, right;
    Index count;                // now; overlapping pairs all count, such as the two in "aaa"
    std::vector<Place> places;  // where the pair came up; it may have gone since
  };

  MergingWords(const WordCounts& words, const std::array<TokenId, 256>& byte_ids) {
    append(boundary);
    for (const auto& [word, count] : words) {
      counts_.push_back(count);
      for (const char byte : word) append(byte_ids[static_cast<unsigned char>(byte)]);
      append(boundary);
    }
    for (Place place = 0; place + 1 < symbols_.size(); ++place) change_count(place, place + 1, +1);
  }

  const Pair& pair(size_t index) const { return pairs_[index]; }

  /// The indices of the pairs whose count has grown since the last call.
  std::vector<size_t> take_grown() {
    std::sort(grown_.begin(), grown_.end());
    grown_.erase(std::unique(grown_.begin(), grown_.end()), grown_.end());
    return std::exchange(grown_, {});
  }

  /// Replaces the pair by `result` wherever it stands, from left to right in each word.
  void merge(size_t index, TokenId result) {
    const TokenId left = pairs_[index].left, right = pairs_[index].right;
    std::vector<Place> places = std::exchange(pairs_[index].places, {});
    std::sort(places.begin(), places.end());
    for (const Place place : places)
      if (symbols_[place].token == left && symbols_[symbols_[place].next].token == right)
        merge_at(place, result);
  }

 private:
  static constexpr TokenId boundary = -1;  // between words, and in place of the right half of a merge

  struct Symbol {
    TokenId token;
    Place previous, next;
    Place word;  // its place in counts_
  };

  void append(TokenId token) {
    require(symbols_.size() < std::numeric_limits<Place>::max(),
            "the different words of the training text have over ", std::numeric_limits<Place>::max(),
            " bytes");
    const auto place = static_cast<Place>(symbols_.size());
    symbols_.push_back({token, place - 1, place + 1, static_cast<Place>(counts_.size() - 1)});
  }

  void merge_at(Place place, TokenId result) {
    const Place second = symbols_[place].next;
    const Place before = symbols_[place].previous, after = symbols_[second].next;
    change_count(before, place, -1);
    change_count(place, second, -1);
    change_count(second, after, -1);
    symbols_[place].token = result;
    symbols_[place].next = after;
    symbols_[second].token = boundary;
    symbols_[after].previous = place;
    change_count(before, place, +1);
    change_count(place, after, +1);
  }

  /// Adds the word's count times `sign` to that of the pair at these two places.
  void change_count(Place first, Place second, int sign) {
    const TokenId left = symbols_[first].token, right = symbols_[second].token;
    if (left == boundary || right == boundary) return;
    size_t& index = indices_(left, right);
    if (index == 0) {
      pairs_.push_back({left, right, 0, {}});
      index = pairs_.size();  // one more than the place, as a new entry of the map is 0
    }
    Pair& pair = pairs_[index - 1];
    pair.count += sign * counts_[symbols_[first].word];
    if (sign < 0) return;
    pair.places.push_back(first);
    grown_.push_back(index - 1);
  }

  std::vector<Symbol> symbols_;
  std::vector<Index> counts_;  // of the words
  std::vector<Pair> pairs_;
  PairMap<size_t> indices_;
  std::vector<size_t> grown_;
};

/// A pair as it was when it went into the queue. The first of the queue is the next to merge.
struct QueuedPair {
  Index count;
  TokenId left, right;
  size_t index;

  bool operator<(const QueuedPair& other) const {  // std's heaps bring up the greatest
    return std::tuple(count, other.left, other.right) < std::tuple(other.count, left, right);
  }
};

}  // namespace detail

/// Learns merges until there are `vocab_size` tokens, special ones included. There are fewer if no pair is
/// left. InputError if `vocab_size` is less than the number of special tokens and bytes.
///
/// Counts are updated, not computed anew. A pair's entry in the queue holds the pair's count at that time,
/// and goes back into the queue if the count has fallen since. A count grows only while one of its tokens is
/// new. With P places where pairs came up, this takes O(P log P).
BpeModel::Parts train_bpe(const WordCounts& word_counts, const std::vector<std::string>& special_tokens,
                          Index vocab_size);

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION BpeModel::Parts train_bpe(const WordCounts& word_counts,
                                                 const std::vector<std::string>& special_tokens,
                                                 Index vocab_size) {
  detail::require_vocab_size(vocab_size, special_tokens);
  detail::GrowingVocabulary vocabulary(special_tokens);
  detail::MergingWords words(word_counts, vocabulary.byte_ids());
  std::vector<detail::QueuedPair> queue;
  const auto push = [&](size_t index) {
    const auto& pair = words.pair(index);
    if (pair.count <= 0) return;
    queue.push_back({pair.count, pair.left, pair.right, index});
    std::push_heap(queue.begin(), queue.end());
  };
  for (const size_t index : words.take_grown()) push(index);
  while (vocabulary.size() < vocab_size && !queue.empty()) {
    std::pop_heap(queue.begin(), queue.end());
    const detail::QueuedPair best = queue.back();
    queue.pop_back();
    if (best.count != words.pair(best.index).count) {
      push(best.index);
      continue;
    }
    words.merge(best.index, vocabulary.merge(best.left, best.right));
    for (const size_t index : words.take_grown()) push(index);
  }
  return vocabulary.take();
}

#endif

}  // namespace memsizer::text
