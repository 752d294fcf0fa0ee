#pragma once
// Byte-pair encoding of a word. It begins with the word's bytes, and joins the pair of neighbours whose merge
// was learned first, until no pair of neighbours has a merge (Sennrich et al. 2016, arXiv:1508.07909).
//
// Two things make it fast. Words that were encoded lately are remembered (word_cache.hpp). The others are
// merged in two small arrays if they are short; a queue of merges (merge_queue.hpp) pays for long words only.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/merge_queue.hpp"
#include "memsizer/text/pair_map.hpp"
#include "memsizer/text/token_index.hpp"
#include "memsizer/text/word_cache.hpp"

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

  /// The buffers of encode_word, and the words that it encoded lately. Keep one for each thread, from word to
  /// word and from text to text. It may be used with one model after another, and then forgets the words.
  class Scratch {
    friend BpeModel;
    struct Symbol {
      TokenId token;  // -1 once it is part of the symbol before it
      std::int32_t previous, next;
    };
    std::vector<Symbol> symbols;
    detail::MergeQueue queue;
    detail::WordCache cache;
    std::uint64_t cached_model = 0;
  };

  /// InputError if a byte has no token, two tokens have the same bytes, or a merge does not make the joined
  /// bytes of its parts.
  explicit BpeModel(Parts parts) : parts_(std::move(parts)) {
    index_tokens();
    index_merges();
  }

  Index vocab_size() const { return static_cast<Index>(parts_.tokens.size()); }
  const Parts& parts() const { return parts_; }
  const std::string& token(TokenId id) const { return parts_.tokens[static_cast<size_t>(id)]; }

  /// The id of the token with these bytes, -1 if there is none.
  TokenId find(std::string_view bytes) const { return index_.find(bytes, parts_.tokens); }

  /// Appends the ids of one word. O(n log n) for a word of n bytes.
  void encode_word(std::string_view word, Scratch& scratch, std::vector<TokenId>& ids) const {
    if (word.empty()) return;
    if (word.size() > detail::WordKey::longest_short) return encode_anew(word, scratch, ids);
    forget_other_models(scratch);
    encode_short_word(word, detail::key_of(word), scratch, ids);
  }

  /// Appends the ids of the words of a text, which follow each other without a gap. `for_each` calls a
  /// function for each of them: for_each_word (pre_tokenizer.hpp), or another split rule.
  template <class ForEach>
  void encode_words(std::string_view text, const ForEach& for_each, Scratch& scratch,
                    std::vector<TokenId>& ids) const {
    // Words wait in a line until their places of the cache are loaded.
    struct Waiting {
      std::string_view word;
      detail::WordKey key;
    };
    std::array<Waiting, 16> line;
    size_t count = 0;
    const auto encode_line = [&] {
      for (size_t i = 0; i < count; ++i)
        if (line[i].key.is_empty())
          encode_anew(line[i].word, scratch, ids);
        else
          encode_short_word(line[i].word, line[i].key, scratch, ids);
      count = 0;
    };
    forget_other_models(scratch);
    const char* const end = text.data() + text.size();
    for_each(text, [&](std::string_view word) {
      line[count].word = word;
      if (word.size() <= detail::WordKey::longest_short) {
        line[count].key = end - word.data() >= 16 ? detail::key_of_short(word) : detail::key_of(word);
        scratch.cache.prefetch(line[count].key);
      } else {
        line[count].key = {};
      }
      if (++count == line.size()) encode_line();
    });
    encode_line();
  }

 private:
  static constexpr std::int32_t no_rank = std::numeric_limits<std::int32_t>::max();
  static constexpr size_t short_word = 32;  // bytes

  /// Copies of a model are one model to a Scratch.
  static std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }

  void forget_other_models(Scratch& scratch) const {
    if (std::exchange(scratch.cached_model, serial_) != serial_) scratch.cache.clear();
  }

  void encode_short_word(std::string_view word, const detail::WordKey& key, Scratch& scratch,
                         std::vector<TokenId>& ids) const {
    if (scratch.cache.append(key, ids)) return;
    const size_t before = ids.size();
    encode_anew(word, scratch, ids);
    scratch.cache.keep(key, std::span(ids).subspan(before));
  }

  void encode_anew(std::string_view word, Scratch& scratch, std::vector<TokenId>& ids) const {
    if (parts_.whole_words_first)
      if (const TokenId whole = find(word); whole >= 0) return ids.push_back(whole);
    if (word.size() <= short_word)
      merge_short(word, ids);
    else
      merge_long(word, scratch, ids);
  }

  bool is_outside(size_t id) const { return parts_.outside[id]; }

  void index_tokens() {
    parts_.outside.resize(parts_.tokens.size());
    require(parts_.tokens.size() <= std::numeric_limits<TokenId>::max(), "a vocabulary of ",
            parts_.tokens.size(), " tokens is too large");
    byte_ids_.fill(-1);
    index_ = detail::TokenIndex(parts_.tokens.size());
    for (size_t id = 0; id < parts_.tokens.size(); ++id) {
      const std::string& token = parts_.tokens[id];
      if (is_outside(id)) continue;
      const TokenId first = index_.insert(static_cast<TokenId>(id), parts_.tokens);
      require(first == static_cast<TokenId>(id), "tokens ", first, " and ", id, " are both \"",
              spell_bytes(token), "\"");
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
    for (size_t left = 0; left < 256; ++left)
      for (size_t right = 0; right < 256; ++right)
        byte_ranks_[256 * left + right] = rank_of(byte_ids_[left], byte_ids_[right]);
  }

  /// The place of a pair's merge among all merges; no_rank if it has none.
  std::int32_t rank_of(TokenId left, TokenId right) const {
    const std::int32_t* rank = ranks_.find(left, right);
    return rank ? *rank : no_rank;
  }

  void push_candidate(Scratch& scratch, std::int32_t place) const {
    const auto& symbol = scratch.symbols[static_cast<size_t>(place)];
    if (symbol.next < 0) return;
    const std::int32_t rank = rank_of(symbol.token, scratch.symbols[static_cast<size_t>(symbol.next)].token);
    if (rank == no_rank) return;
    scratch.queue.push({rank, place});
  }

  /// Joins the symbol at `place` with the next one if both are still as the candidate found them.
  void make_merge(Scratch& scratch, detail::MergeCandidate candidate) const {
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

  /// Looks for the first learned merge among all neighbours, again and again.
  void merge_short(std::string_view word, std::vector<TokenId>& ids) const {
    std::array<TokenId, short_word> tokens;
    std::array<std::int32_t, short_word> ranks;  // of each token with the next one
    size_t count = word.size();
    const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(word[i])); };
    for (size_t i = 0; i < count; ++i) tokens[i] = byte_ids_[byte(i)];
    for (size_t i = 0; i + 1 < count; ++i) ranks[i] = byte_ranks_[256 * byte(i) + byte(i + 1)];
    for (; count > 1; --count) {
      size_t best = 0;
      for (size_t i = 1; i + 1 < count; ++i)
        if (ranks[i] < ranks[best]) best = i;
      if (ranks[best] == no_rank) break;
      tokens[best] = parts_.merges[static_cast<size_t>(ranks[best])].result;
      for (size_t i = best + 1; i + 1 < count; ++i) {
        tokens[i] = tokens[i + 1];
        ranks[i] = ranks[i + 1];
      }
      if (best > 0) ranks[best - 1] = rank_of(tokens[best - 1], tokens[best]);
      if (best + 2 < count) ranks[best] = rank_of(tokens[best], tokens[best + 1]);
    }
    ids.insert(ids.end(), tokens.begin(), tokens.begin() + count);
  }

  /// Keeps the possible merges in a queue, for a word of any length.
  void merge_long(std::string_view word, Scratch& scratch, std::vector<TokenId>& ids) const {
    require(word.size() <= std::numeric_limits<std::int32_t>::max(), "a word of ", word.size(),
            " bytes without white space is too long");
    const auto size = static_cast<std::int32_t>(word.size());
    scratch.symbols.clear();
    scratch.queue.begin(parts_.merges.size());
    for (std::int32_t i = 0; i < size; ++i)
      scratch.symbols.push_back({byte_ids_[static_cast<unsigned char>(word[static_cast<size_t>(i)])], i - 1,
                                 i + 1 < size ? i + 1 : -1});
    for (std::int32_t i = 0; i < size; ++i) push_candidate(scratch, i);
    for (detail::MergeCandidate candidate; scratch.queue.pop(candidate);) make_merge(scratch, candidate);
    for (std::int32_t i = 0; i >= 0 && size > 0; i = scratch.symbols[static_cast<size_t>(i)].next)
      ids.push_back(scratch.symbols[static_cast<size_t>(i)].token);
  }

  Parts parts_;
  detail::TokenIndex index_;  // of the tokens that are not outside
  std::array<TokenId, 256> byte_ids_{};
  PairMap<std::int32_t> ranks_;  // the place of each pair in parts_.merges
  std::vector<std::int32_t> byte_ranks_ = std::vector<std::int32_t>(size_t{1} << 16);  // of pairs of bytes
  std::uint64_t serial_ = next_serial();
};

}  // namespace memsizer::text
