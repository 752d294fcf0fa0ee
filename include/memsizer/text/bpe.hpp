#pragma once
// Byte-pair encoding of a word. It begins with the word's bytes, and joins the pair of neighbours whose merge
// was learned first, until no pair of neighbours has a merge (Sennrich et al. 2016, arXiv:1508.07909).

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/pair_map.hpp"

namespace memsizer::text {

/// A merge: two neighbouring tokens become one.
struct Merge {
  TokenId left, right, result;

  bool operator==(const Merge&) const = default;
};

namespace detail {

/// Allows look-ups by std::string_view in an unordered_map from std::string.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

template <class Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

}  // namespace detail

/// A vocabulary of byte strings and the merges that make them. Immutable, so threads may share it.
class BpeModel {
 public:
  /// The parts of a model, as files hold them.
  struct Parts {
    std::vector<std::string> tokens;  ///< the bytes of each token, by id; an empty one is in no text
    std::vector<Merge> merges;        ///< the first learned first
    std::vector<bool> outside;        ///< by id: tokens that no text encodes to, such as special tokens
    bool whole_words_first = false;   ///< a word that is a token is that token, whatever the merges say
  };

  /// The buffers of encode_word. Keep one for each thread, from word to word.
  class Scratch {
    friend BpeModel;
    struct Symbol {
      TokenId token;  // -1 once it is part of the symbol before it
      std::int32_t previous, next;
    };
    /// The merge of the symbol at `place` with the next one, as they were when it was found.
    struct Candidate {
      std::int32_t rank, place;
      bool operator<(const Candidate& other) const {  // std's heaps yield the greatest
        return std::pair(rank, place) > std::pair(other.rank, other.place);
      }
    };
    std::vector<Symbol> symbols;
    std::vector<Candidate> heap;
  };

  /// InputError if a byte has no token, two tokens have the same bytes, or a merge does not make the joined
  /// bytes of its parts.
  explicit BpeModel(Parts parts) : parts_(std::move(parts)) {
    index_tokens();
    index_merges();
    find_whole_words();
  }

  Index vocab_size() const { return static_cast<Index>(parts_.tokens.size()); }
  const Parts& parts() const { return parts_; }
  const std::string& token(TokenId id) const { return parts_.tokens[static_cast<size_t>(id)]; }

  /// The id of the token with these bytes, -1 if there is none.
  TokenId find(std::string_view bytes) const {
    const auto found = ids_.find(bytes);
    return found == ids_.end() ? -1 : found->second;
  }

  /// Appends the ids of one word. O(n log n) for a word of n bytes.
  void encode_word(std::string_view word, Scratch& scratch, std::vector<TokenId>& ids) const {
    const TokenId whole = find(word);
    if (whole >= 0 && is_whole_word_[static_cast<size_t>(whole)])
      ids.push_back(whole);
    else
      merge(word, scratch, ids);
  }

 private:
  bool is_outside(size_t id) const { return parts_.outside[id]; }

  void index_tokens() {
    parts_.outside.resize(parts_.tokens.size());
    require(parts_.tokens.size() <= std::numeric_limits<TokenId>::max(), "a vocabulary of ",
            parts_.tokens.size(), " tokens is too large");
    byte_ids_.fill(-1);
    for (size_t id = 0; id < parts_.tokens.size(); ++id) {
      const std::string& token = parts_.tokens[id];
      if (is_outside(id)) continue;
      const auto [place, is_new] = ids_.emplace(token, static_cast<TokenId>(id));
      require(is_new, "tokens ", place->second, " and ", id, " are both \"", spell_bytes(token), "\"");
      if (token.size() == 1) byte_ids_[static_cast<unsigned char>(token[0])] = static_cast<TokenId>(id);
    }
    for (size_t byte = 0; byte < 256; ++byte)
      require(byte_ids_[byte] >= 0, "the vocabulary has no token for byte ", byte, ", spelled \"",
              spell_bytes(std::string(1, static_cast<char>(byte))), "\"");
  }

  void index_merges() {
    const auto is_ordinary = [&](TokenId id) {
      return id >= 0 && id < vocab_size() && !is_outside(static_cast<size_t>(id));
    };
    ranks_ = PairMap<std::int32_t>(parts_.merges.size());
    for (size_t rank = 0; rank < parts_.merges.size(); ++rank) {
      const auto [left, right, result] = parts_.merges[rank];
      require(is_ordinary(left) && is_ordinary(right) && is_ordinary(result), "merge ", rank, " (tokens ",
              left, " and ", right, " to ", result, ") names a token that is none of the vocabulary's");
      require(token(left) + token(right) == token(result), "merge ", rank, " makes \"",
              spell_bytes(token(result)), "\" of \"", spell_bytes(token(left)), "\" and \"",
              spell_bytes(token(right)), "\"");
      ranks_(left, right) =
          static_cast<std::int32_t>(rank);  // of two equal merges the later one counts, as in HF
    }
  }

  /// Most words of a text are tokens. If a token's own bytes encode to just that token, which is true of
  /// nearly all, encoding such a word is one look-up.
  void find_whole_words() {
    is_whole_word_.resize(parts_.tokens.size());
    Scratch scratch;
    std::vector<TokenId> ids;
    for (size_t id = 0; id < parts_.tokens.size(); ++id) {
      if (is_outside(id)) continue;
      ids.clear();
      if (!parts_.whole_words_first) merge(parts_.tokens[id], scratch, ids);
      is_whole_word_[id] = parts_.whole_words_first || ids.size() == 1;
    }
  }

  void push_candidate(Scratch& scratch, std::int32_t place) const {
    const auto& symbol = scratch.symbols[static_cast<size_t>(place)];
    if (symbol.next < 0) return;
    const auto* rank = ranks_.find(symbol.token, scratch.symbols[static_cast<size_t>(symbol.next)].token);
    if (!rank) return;
    scratch.heap.push_back({*rank, place});
    std::push_heap(scratch.heap.begin(), scratch.heap.end());
  }

  /// Joins the symbol at `place` with the next one if both are still as the candidate found them.
  void make_merge(Scratch& scratch, typename Scratch::Candidate candidate) const {
    auto& symbols = scratch.symbols;
    auto& left = symbols[static_cast<size_t>(candidate.place)];
    const Merge& merge = parts_.merges[static_cast<size_t>(candidate.rank)];
    if (left.token != merge.left || left.next < 0) return;
    auto& right = symbols[static_cast<size_t>(left.next)];
    if (right.token != merge.right) return;
    left.token = merge.result;
    left.next = right.next;
    right.token = -1;
    if (left.next >= 0) symbols[static_cast<size_t>(left.next)].previous = candidate.place;
    push_candidate(scratch, candidate.place);
    if (left.previous >= 0) push_candidate(scratch, left.previous);
  }

  void merge(std::string_view word, Scratch& scratch, std::vector<TokenId>& ids) const {
    require(word.size() <= std::numeric_limits<std::int32_t>::max(), "a word of ", word.size(),
            " bytes without white space is too long");
    const auto size = static_cast<std::int32_t>(word.size());
    scratch.symbols.clear();
    scratch.heap.clear();
    for (std::int32_t i = 0; i < size; ++i)
      scratch.symbols.push_back({byte_ids_[static_cast<unsigned char>(word[static_cast<size_t>(i)])], i - 1,
                                 i + 1 < size ? i + 1 : -1});
    for (std::int32_t i = 0; i < size; ++i) push_candidate(scratch, i);
    while (!scratch.heap.empty()) {
      std::pop_heap(scratch.heap.begin(), scratch.heap.end());
      const auto candidate = scratch.heap.back();
      scratch.heap.pop_back();
      make_merge(scratch, candidate);
    }
    for (std::int32_t i = 0; i >= 0 && size > 0; i = scratch.symbols[static_cast<size_t>(i)].next)
      ids.push_back(scratch.symbols[static_cast<size_t>(i)].token);
  }

  Parts parts_;
  detail::StringMap<TokenId> ids_;  // of the bytes of each token that is not outside
  std::array<TokenId, 256> byte_ids_{};
  PairMap<std::int32_t> ranks_;      // the place of each pair in parts_.merges
  std::vector<bool> is_whole_word_;  // by id
};

}  // namespace memsizer::text
