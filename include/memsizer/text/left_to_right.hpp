#pragma once
// Byte-pair encoding of a very long word from left to right, in time that grows with its length alone.
//
// Merges go back and forth over a word, and if it has millions of bytes, every step of theirs leaves the
// caches. The result can be found without them. Two tokens *stay apart* if their bytes, encoded as a word,
// give these two tokens again. A word's encoding is the only way to cut it into tokens of which each two
// neighbours stay apart:
//
//  - It is such a way. Two neighbours of the result saw no merge across the border of theirs, so all merges
//    between their outer borders were those that the two alone would see.
//  - There is no other. Take any such way, and suppose that the merges of the whole word made one across a
//    border of it. Up to the first of these, the merges of the two tokens at that border were those of the
//    two alone. So the two alone would have seen it too, and would not stay apart.
//
// The beginning of a word, up to any place, is a word too. So at most one row of tokens leads to a place, and
// a place from which no token leads on needs to be tried once only. (van Antwerpen and Neubeck 2024, "So many
// tokens, so little time", and Berglund and van der Merwe 2023, arXiv:2309.08715.)

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/text/merge.hpp"
#include "memsizer/text/prefix_tree.hpp"
#include "memsizer/text/token_id.hpp"

namespace memsizer::text::detail {

/// What the search needs to know of a model, and the search. Immutable, so threads may share it.
class LeftToRight {
 public:
  /// `tokens` are the bytes by id, `byte_ids` the tokens of single bytes. Takes a few hundredths of a second
  /// for 50,000 tokens.
  LeftToRight(const std::vector<std::string>& tokens, const std::vector<Merge>& merges,
              const MergeRanks& ranks, const std::array<TokenId, 256>& byte_ids)
      : tokens_(tokens.size()) {
    for (size_t id = 0; id < tokens.size(); ++id) tokens_[id].bytes = tokens[id].size();
    for (const TokenId id : byte_ids) at(id).rank = of_a_byte;
    for (size_t rank = 0; rank < merges.size(); ++rank)
      learn(merges[rank], static_cast<std::int32_t>(rank), ranks);
    std::vector<PrefixTree::Text> made;
    for (size_t id = 0; id < tokens.size(); ++id)
      if (is_made(static_cast<TokenId>(id))) {
        made.emplace_back(tokens[id], static_cast<TokenId>(id));
        longest_ = std::max(longest_, tokens[id].size());
      }
    if (!is_fit()) return;
    tree_ = PrefixTree(made);
    for (const auto& [bytes, id] : made) at(id).shorter = tree_.longest_in(bytes.substr(0, bytes.size() - 1));
  }

  /// Whether the search is for this model. It gives the model's encoding if a token's merge is always learned
  /// after those that make its parts, as training gives it. And it is fast if no token is very long, since at
  /// each place it may look at as many bytes as the longest token has. A file may hold other merges and
  /// tokens.
  bool is_fit() const { return is_exact_ && longest_ <= longest_fit; }

  /// Appends the ids of a word. `dead_ends` is a buffer. is_fit() must be true.
  void encode(std::string_view word, const MergeRanks& ranks, std::vector<bool>& dead_ends,
              std::vector<TokenId>& ids) const {
    dead_ends.assign(word.size() + 1, false);
    const size_t first = ids.size();
    TokenId token = tree_.longest_in(word);
    for (size_t place = 0; place < word.size();) {
      const auto fits = [&] {
        return !dead_ends[place + at(token).bytes] &&
               (ids.size() == first || stay_apart(ids.back(), token, ranks));
      };
      while (token >= 0 && !fits()) token = at(token).shorter;
      if (token >= 0) {
        ids.push_back(token);
        place += at(token).bytes;
        token = tree_.longest_in(word.substr(place));
      } else {
        dead_ends[place] = true;
        const Token& last = at(ids.back());
        ids.pop_back();
        place -= last.bytes;
        token = last.shorter;
      }
    }
  }

 private:
  static constexpr std::int32_t of_a_byte = -1;
  static constexpr size_t longest_fit = 256;  // bytes; GPT-2's longest token has 128

  /// A token that the merges make of its bytes, by itself: the last of these merges.
  struct Token {
    TokenId left = -1, right = -1;
    std::int32_t rank = MergeRanks::no_rank;  // before all merges for a byte; no_rank if nothing makes it
    TokenId shorter = -1;                     // the longest token that it begins with; -1 if it has one byte
    size_t bytes = 0;
    bool is_awaited = false;  // a merge takes it as a part, though no merge before made it
  };

  const Token& at(TokenId id) const { return tokens_[static_cast<size_t>(id)]; }
  Token& at(TokenId id) { return tokens_[static_cast<size_t>(id)]; }

  bool is_made(TokenId id) const { return at(id).rank != MergeRanks::no_rank; }

  /// Notes that a merge makes its result, if that is so: its parts must be made, and stay apart until then.
  void learn(const Merge& merge, std::int32_t rank, const MergeRanks& ranks) {
    const auto [left, right, result] = merge;
    if (ranks(left, right) != rank) return;  // the same merge comes again later
    for (const TokenId part : {left, right}) at(part).is_awaited |= !is_made(part);
    if (!is_made(left) || !is_made(right) || is_made(result) || !stay_apart(left, right, ranks, rank)) return;
    is_exact_ &= !at(result).is_awaited;
    at(result).left = left;
    at(result).right = right;
    at(result).rank = rank;
  }

  /// Whether no merge below `limit` joins something across the border of two tokens. We undo the merges that
  /// made the two, the last one first, and ask at each step whether the two symbols that now stand at the
  /// border have a merge that would have been made by then.
  bool stay_apart(TokenId left, TokenId right, const MergeRanks& ranks,
                  std::int32_t limit = MergeRanks::no_rank) const {
    for (;;) {
      if (ranks(left, right) < limit) return false;
      if (at(left).rank > at(right).rank) {
        limit = at(left).rank;
        left = at(left).right;
      } else if (at(right).rank == of_a_byte) {
        return true;
      } else {  // of equal merges the first place comes first: the border's before that of the right token
        limit = at(right).rank + 1;
        right = at(right).left;
      }
    }
  }

  std::vector<Token> tokens_;
  PrefixTree tree_;  // of the tokens that are made
  bool is_exact_ = true;
  size_t longest_ = 0;  // bytes of the longest token that is made
};

}  // namespace memsizer::text::detail
