#pragma once
// Byte-pair encoding of a word. It begins with the word's bytes, and joins the pair of neighbours whose merge
// was learned first, until no pair of neighbours has a merge (Sennrich et al. 2016, arXiv:1508.07909).
//
// Words that were encoded lately are remembered (word_cache.hpp). The others are merged in two small arrays
// if they are short, with a queue of merges if they are longer, and not by merging at all if they are very
// long (left_to_right.hpp).

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/left_to_right.hpp"
#include "memsizer/text/merge.hpp"
#include "memsizer/text/token_index.hpp"
#include "memsizer/text/word_cache.hpp"

namespace memsizer::text {

namespace detail {

/// Allows look-ups by std::string_view in an unordered_map from std::string.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

template <class Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

/// A possible merge of the symbol at `place` with the next one.
struct MergeCandidate {
  std::int32_t rank, place;

  /// A priority queue gives the greatest first: the first learned merge, and of equal ones the first place.
  bool operator<(const MergeCandidate& other) const {
    return std::pair(rank, place) > std::pair(other.rank, other.place);
  }
};

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
    // Of a long word: the token of a symbol stands at its first and at its last byte, -1 between. So its
    // length leads to its neighbours.
    std::vector<TokenId> symbols;
    std::priority_queue<detail::MergeCandidate> queue;
    std::vector<bool> dead_ends;
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

  /// Appends the ids of one word. O(n) for a word of n bytes; O(n log n) if a file's merges are in another
  /// order than training gives, or if tokens have more than 256 bytes.
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
  static constexpr std::int32_t no_rank = detail::MergeRanks::no_rank;
  static constexpr size_t short_word = 32, very_long_word = 1024;  // bytes

  /// Made when the first very long word comes. Copies of a model share it, and threads.
  struct LongWords {
    std::once_flag once;
    std::optional<detail::LeftToRight> encoder;
  };

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
    if (word.size() <= short_word) return merge_short(word, ids);
    if (word.size() >= very_long_word)
      if (const detail::LeftToRight& encoder = long_word_encoder(); encoder.is_fit())
        return encoder.encode(word, ranks_, scratch.dead_ends, ids);
    merge_long(word, scratch, ids);
  }

  const detail::LeftToRight& long_word_encoder() const {
    std::call_once(long_words_->once,
                   [&] { long_words_->encoder.emplace(parts_.tokens, parts_.merges, ranks_, byte_ids_); });
    return *long_words_->encoder;
  }

  bool is_outside(size_t id) const { return parts_.outside[id]; }

  void index_tokens() {
    parts_.outside.resize(parts_.tokens.size());
    require(parts_.tokens.size() <= std::numeric_limits<TokenId>::max(), "a vocabulary of ",
            parts_.tokens.size(), " tokens is too large");
    byte_ids_.fill(-1);
    index_ = detail::TokenIndex(parts_.tokens.size());
    lengths_.reserve(parts_.tokens.size());
    for (const std::string& token : parts_.tokens)
      lengths_.push_back(static_cast<std::int32_t>(token.size()));
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
    ranks_ = detail::MergeRanks(parts_.merges.size());
    for (size_t rank = 0; rank < parts_.merges.size(); ++rank) {
      const auto [left, right, result] = parts_.merges[rank];
      require(is_ordinary(left) && is_ordinary(right) && is_ordinary(result), "merge ", rank, " (tokens ",
              left, " and ", right, " to ", result, ") names a token that is none of the vocabulary's");
      require(token(left) + token(right) == token(result), "merge ", rank, " makes \"",
              spell_bytes(token(result)), "\" of \"", spell_bytes(token(left)), "\" and \"",
              spell_bytes(token(right)), "\"");
      ranks_.set(left, right,
                 static_cast<std::int32_t>(rank));  // of two equal ones the later counts, as in HF
    }
    for (size_t left = 0; left < 256; ++left)
      for (size_t right = 0; right < 256; ++right)
        byte_ranks_[256 * left + right] = ranks_(byte_ids_[left], byte_ids_[right]);
  }

  static size_t byte_of(std::string_view word, size_t place) {
    return static_cast<unsigned char>(word[place]);
  }

  /// The rank of the byte at `place` and the next one.
  std::int32_t rank_of_bytes(std::string_view word, size_t place) const {
    return byte_ranks_[256 * byte_of(word, place) + byte_of(word, place + 1)];
  }

  std::int32_t length_of(TokenId token) const { return lengths_[static_cast<size_t>(token)]; }

  /// Puts the merge of the symbol at `place` with the next one into the queue, if there is one.
  void push_candidate(Scratch& scratch, std::int32_t place) const {
    const TokenId token = scratch.symbols[static_cast<size_t>(place)];
    const auto next = static_cast<size_t>(place + length_of(token));
    if (next >= scratch.symbols.size()) return;
    const std::int32_t rank = ranks_(token, scratch.symbols[next]);
    if (rank != no_rank) scratch.queue.push({rank, place});
  }

  /// Joins the symbol at `place` with the next one if both are still as the candidate found them.
  void make_merge(Scratch& scratch, detail::MergeCandidate candidate) const {
    auto& symbols = scratch.symbols;
    const Merge& merge = parts_.merges[static_cast<size_t>(candidate.rank)];
    const auto left = static_cast<size_t>(candidate.place);
    if (symbols[left] != merge.left) return;
    const size_t right = left + static_cast<size_t>(length_of(merge.left));
    if (right >= symbols.size() || symbols[right] != merge.right) return;
    symbols[right - 1] = symbols[right] = -1;
    symbols[left] = symbols[left + static_cast<size_t>(length_of(merge.result)) - 1] = merge.result;
    push_candidate(scratch, candidate.place);
    if (left > 0) push_candidate(scratch, candidate.place - length_of(symbols[left - 1]));
  }

  /// Looks for the first learned merge among all neighbours, again and again.
  void merge_short(std::string_view word, std::vector<TokenId>& ids) const {
    std::array<TokenId, short_word> tokens;
    std::array<std::int32_t, short_word> ranks;  // of each token with the next one
    size_t count = word.size();
    for (size_t i = 0; i < count; ++i) tokens[i] = byte_ids_[byte_of(word, i)];
    for (size_t i = 0; i + 1 < count; ++i) ranks[i] = rank_of_bytes(word, i);
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
      if (best > 0) ranks[best - 1] = ranks_(tokens[best - 1], tokens[best]);
      if (best + 2 < count) ranks[best] = ranks_(tokens[best], tokens[best + 1]);
    }
    ids.insert(ids.end(), tokens.begin(), tokens.begin() + count);
  }

  /// Keeps the possible merges in a queue, for a word of any length.
  void merge_long(std::string_view word, Scratch& scratch, std::vector<TokenId>& ids) const {
    require(word.size() <= std::numeric_limits<std::int32_t>::max(), "a word of ", word.size(),
            " bytes without white space is too long");
    scratch.symbols.resize(word.size());
    for (size_t i = 0; i < word.size(); ++i) scratch.symbols[i] = byte_ids_[byte_of(word, i)];
    for (size_t i = 0; i + 1 < word.size(); ++i)
      if (const std::int32_t rank = rank_of_bytes(word, i); rank != no_rank)
        scratch.queue.push({rank, static_cast<std::int32_t>(i)});
    while (!scratch.queue.empty()) {
      const detail::MergeCandidate candidate = scratch.queue.top();
      scratch.queue.pop();
      make_merge(scratch, candidate);
    }
    for (size_t i = 0; i < word.size(); i += static_cast<size_t>(length_of(scratch.symbols[i])))
      ids.push_back(scratch.symbols[i]);
  }

  Parts parts_;
  detail::TokenIndex index_;           // of the tokens that are not outside
  std::vector<std::int32_t> lengths_;  // of all tokens, in bytes
  std::array<TokenId, 256> byte_ids_{};
  detail::MergeRanks ranks_;
  std::vector<std::int32_t> byte_ranks_ = std::vector<std::int32_t>(size_t{1} << 16);  // of pairs of bytes
  std::shared_ptr<LongWords> long_words_ = std::make_shared<LongWords>();
  std::uint64_t serial_ = next_serial();
};

}  // namespace memsizer::text
