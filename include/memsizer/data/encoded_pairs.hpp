#pragma once
// A split of pairs of texts, such as a sentence and its translation or an article and its summary, as token
// ids. The ids lie in one sequence, in memory or in the id cache:
//
//     source ids </s> target ids </s> source ids </s> target ids </s> ..
//
// No text contains </s>, since special tokens in a text are plain text. So the sequence needs no index on the
// disk: one pass over the ids finds where each text ends.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/ordered_pipeline.hpp"
#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_pair.hpp"
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

  /// The hash of the split's files as they lie on the disk, and of how they are read.
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

/// A data set that gives pairs of texts, such as SentencePairs, Articles and QuestionAnswers.
/// `reading(split)` tells how the files are read, such as "pairs en de": the same files in the other
/// direction of translation, as one text, or in another split are other data for the cache.
template <class Data>
concept PairData = requires(const Data& data, Split split, TextPair& pair) {
  { data.open(split).next(pair) } -> std::same_as<bool>;
  { data.path() } -> std::convertible_to<std::filesystem::path>;
  { data.has(split) } -> std::same_as<bool>;
  { data.files(split) } -> std::same_as<std::vector<std::filesystem::path>>;
  { data.reading(split) } -> std::same_as<std::string>;
};

namespace detail {

/// Pairs that a thread encodes together. Their memory is used again.
struct PairGroup {
  static constexpr std::size_t most = 256;

  std::vector<TextPair> pairs = std::vector<TextPair>(most);
  std::size_t count = 0;
  std::vector<TokenId> ids;
  text::BpeModel::Scratch scratch;

  template <class Reader>
  bool read(Reader& reader) {
    for (count = 0; count < most && reader.next(pairs[count]);) ++count;
    return count > 0;
  }

  void encode(const text::Tokenizer& tokenizer) {
    ids.clear();
    for (std::size_t i = 0; i < count; ++i)
      for (const std::string* text : {&pairs[i].source, &pairs[i].target}) {
        tokenizer.encode(*text, ids, {}, scratch);
        ids.push_back(tokenizer.end_id());
      }
  }

  /// The number of pairs as lines, and the bytes of both sides.
  void add_to(TextCounts& counts) const {
    counts.lines += static_cast<Index>(count);
    for (std::size_t i = 0; i < count; ++i)
      counts.bytes += static_cast<Index>(pairs[i].source.size() + pairs[i].target.size());
  }
};

/// Calls use(ids) for the ids of a split, some pairs at a time, and returns the counts of PairGroup.
template <PairData Data, class Use>
TextCounts encode_groups_of_pairs(const Data& data, Split split, const text::Tokenizer& tokenizer,
                                  ThreadPool* threads, Use&& use) {
  TextCounts counts;
  auto reader = data.open(split);
  run_in_order<PairGroup>(
      threads, [&](PairGroup& group) { return group.read(reader); },
      [&](PairGroup& group) { group.encode(tokenizer); },
      [&](const PairGroup& group) {
        use(group.ids);
        group.add_to(counts);
      });
  return counts;
}

}  // namespace detail

/// The ids of a split's pairs, from the cache if it has them. Each text is encoded by itself, and special
/// tokens in it are plain text. InputError for what the data set refuses.
template <PairData Data>
EncodedPairs encode_pairs(const Data& data, Split split, const text::Tokenizer& tokenizer,
                          const EncodeCache& cache) {
  const std::uint64_t hash = files::Fnv1a()
                                 .update(data.reading(split) + ' ')
                                 .update(files::hash_digits(hash_of_files(data.files(split))))
                                 .value();
  const IdCacheKey key = cache_key(tokenizer, hash);
  EncodedText text = encode_once(key, cache, [&](auto use) {
    return detail::encode_groups_of_pairs(data, split, tokenizer, cache.threads, use);
  });
  return EncodedPairs(std::move(text.ids), tokenizer.end_id(), text.counts.lines, key.data);
}

}  // namespace memsizer::data
