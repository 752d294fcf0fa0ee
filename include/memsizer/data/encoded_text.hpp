#pragma once
// A split of running text as token ids.

#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/data/wikitext.hpp"
#include "memsizer/text/stream_encoder.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::data {

/// The ids of a split's text, in which special tokens are plain text.
inline EncodedText encode_split(const WikiText& data, Split split, const text::Tokenizer& tokenizer,
                                const EncodeCache& cache) {
  return encode_once(cache_key(tokenizer, hash_of_files(data.files(split))), cache, [&](auto use) {
    TextBlocks blocks = data.open(split);
    text::encode_stream(
        tokenizer, {}, cache.threads, [&] { return blocks.next(); }, use);
    return blocks.finish();
  });
}

}  // namespace memsizer::data
