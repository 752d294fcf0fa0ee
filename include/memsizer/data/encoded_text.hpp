#pragma once
// A split of running text as token ids.

#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/data/wikitext.hpp"
#include "memsizer/text/stream_encoder.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::data {

namespace detail {

/// Calls use(ids) for the ids of a split, piece by piece.
template <class Use>
TextCounts encode_in_pieces(const WikiText& data, Split split, const text::Tokenizer& tokenizer,
                            ThreadPool* threads, Use&& use) {
  text::StreamEncoder encoder(tokenizer, {}, text::TextCutter::usual_piece, threads);
  std::vector<TokenId> ids;
  const TextCounts counts = data.for_each_block(split, [&](std::string_view block) {
    encoder.add(block, ids);
    use(std::exchange(ids, {}));
  });
  encoder.finish(ids);
  use(std::move(ids));
  return counts;
}

}  // namespace detail

/// The ids of a split's text, in which special tokens are plain text.
inline EncodedText encode_split(const WikiText& data, Split split, const text::Tokenizer& tokenizer,
                                const EncodeCache& cache) {
  return encode_once(cache_key(tokenizer, hash_of_files(data.files(split))), cache, [&](auto use) {
    return detail::encode_in_pieces(data, split, tokenizer, cache.threads, use);
  });
}

}  // namespace memsizer::data
