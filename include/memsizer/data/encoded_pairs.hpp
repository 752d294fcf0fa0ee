#pragma once
// A split of sentence pairs as token ids. The ids lie in one sequence, in memory or in the id cache:
//
//     source ids </s> target ids </s> source ids </s> target ids </s> ..
//
// No sentence contains </s>, since special tokens in a text are plain text. So the sequence needs no index on
// the disk: one pass over the ids finds where each sentence ends.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/data/sentence_pairs.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::data {

/// The ids of pairs. The ids themselves stay where they are; the memory used here is 12 bytes a pair.
class EncodedPairs {
 public:
  /// `ids` is a sequence as above, and `hash` that of its files. InputError unless it holds `count` whole
  /// pairs, fewer than 2^32, of sentences shorter than 2^32 tokens.
  EncodedPairs(std::unique_ptr<TokenIds> ids, TokenId end, Index count, std::uint64_t hash)
      : ids_(std::move(ids)), hash_(hash) {
    constexpr Index limit = std::numeric_limits<std::uint32_t>::max();
    require(count >= 0 && count <= limit && count <= ids_->size(), "expected at most ",
            std::min(limit, ids_->size()), " pairs of sentences, got ", count);
    begins_.reserve(static_cast<std::size_t>(count) + 1);
    source_lengths_.reserve(static_cast<std::size_t>(count));
    find_pairs(end);
    require(size() == count, "expected the ids of ", count, " pairs of sentences, got ", size());
  }

  /// The number of pairs.
  Index size() const { return static_cast<Index>(source_lengths_.size()); }
  /// The number of tokens on each side of a pair, </s> included.
  Index source_length(Index pair) const { return source_lengths_[static_cast<std::size_t>(pair)]; }
  Index target_length(Index pair) const {
    return begins_[static_cast<std::size_t>(pair) + 1] - begins_[static_cast<std::size_t>(pair)] -
           source_length(pair);
  }

  /// Puts the ids of a pair into `source` and `target`, each with its </s>. InputError if there is no such
  /// pair.
  void read(Index pair, std::vector<TokenId>& source, std::vector<TokenId>& target) const {
    require(pair >= 0 && pair < size(), "expected a pair below ", size(), ", got ", pair);
    const Index begin = begins_[static_cast<std::size_t>(pair)], length = source_length(pair);
    source.resize(static_cast<std::size_t>(length));
    target.resize(static_cast<std::size_t>(target_length(pair)));
    ids_->read(begin, source);
    ids_->read(begin + length, target);
  }

  /// The hash of the split's files as they lie on the disk, and of the languages.
  std::uint64_t hash() const { return hash_; }

 private:
  /// Fills begins_ and source_lengths_ in one pass over the ids.
  void find_pairs(TokenId end) {
    constexpr Index block = 1 << 16, longest = std::numeric_limits<std::uint32_t>::max();
    std::vector<TokenId> ids;
    begins_.push_back(0);
    Index source_end = -1;  // the place after the source of the pair at hand; -1: still in the source
    for (Index first = 0; first < ids_->size(); first += block) {
      ids.resize(static_cast<std::size_t>(std::min(block, ids_->size() - first)));
      ids_->read(first, ids);
      for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] != end) continue;
        const Index place = first + static_cast<Index>(i) + 1, begin = begins_.back();
        require(place - begin <= longest, "expected sentences of fewer than 2^32 tokens, got more in pair ",
                size());
        if (source_end < 0) {
          source_end = place;
          continue;
        }
        source_lengths_.push_back(static_cast<std::uint32_t>(source_end - begin));
        begins_.push_back(place);
        source_end = -1;
      }
    }
    require(begins_.back() == ids_->size(), "expected ids that end with the end of a pair, got ",
            ids_->size() - begins_.back(), " after it");
  }

  std::unique_ptr<TokenIds> ids_;
  std::vector<Index> begins_;  // of each pair, and the end of the last
  std::vector<std::uint32_t> source_lengths_;
  std::uint64_t hash_;
};

namespace detail {

/// Calls use(ids) for the ids of a split, pair by pair, and returns the number of pairs as lines and the
/// bytes of both sides.
template <class Use>
TextCounts encode_pair_by_pair(const SentencePairs& data, Split split, const text::Tokenizer& tokenizer,
                               Use&& use) {
  TextCounts counts;
  std::vector<TokenId> ids;
  PairStream pairs = data.open(split);
  for (SentencePair pair; pairs.next(pair); ++counts.lines) {
    ids.clear();
    for (const std::string* sentence : {&pair.source, &pair.target}) {
      tokenizer.encode(*sentence, ids);
      ids.push_back(tokenizer.end_id());
      counts.bytes += static_cast<Index>(sentence->size());
    }
    use(ids);
  }
  return counts;
}

/// The hash of a split in one direction of translation. The same files in the other direction, or read as one
/// text, have another.
inline std::uint64_t hash_of_pairs(const SentencePairs& data, Split split) {
  const Languages& languages = data.languages();
  return files::Fnv1a()
      .update(concatenate("pairs ", languages.source, ' ', languages.target, ' '))
      .update(files::hash_digits(hash_of_files(data.files(split))))
      .value();
}

}  // namespace detail

/// The ids of a split's pairs, from the cache if it has them. Each sentence is encoded by itself, and special
/// tokens in it are plain text. InputError for what SentencePairs refuses.
inline EncodedPairs encode_pairs(const SentencePairs& data, Split split, const text::Tokenizer& tokenizer,
                                 const EncodeCache& cache) {
  const IdCacheKey key = cache_key(tokenizer, detail::hash_of_pairs(data, split));
  EncodedText text = encode_once(
      key, cache, [&](auto use) { return detail::encode_pair_by_pair(data, split, tokenizer, use); });
  return EncodedPairs(std::move(text.ids), tokenizer.end_id(), text.counts.lines, key.data);
}

}  // namespace memsizer::data
