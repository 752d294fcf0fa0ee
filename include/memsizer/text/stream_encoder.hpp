#pragma once
// Encodes a text that arrives in blocks, such as a file of 540 MB. It holds only a few pieces in memory.

#include <string_view>
#include <vector>

#include "memsizer/text/linkage.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::text {

/// The ids are exactly those of encoding the whole text at once.
class StreamEncoder {
 public:
  /// The tokenizer must outlive the encoder.
  explicit StreamEncoder(const Tokenizer& tokenizer, EncodeOptions options = {},
                         size_t piece_bytes = TextCutter::usual_piece);

  /// Takes the next block, which may be cut anywhere, and appends the ids that later blocks cannot change.
  void add(std::string_view block, std::vector<TokenId>& ids);

  /// Ends the text and appends the remaining ids. The next block begins another text.
  void finish(std::vector<TokenId>& ids);

 private:
  void encode(std::string_view piece, std::vector<TokenId>& ids);

  const Tokenizer& tokenizer_;
  EncodeOptions first_options_, options_;
  TextCutter cutter_;
};

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION StreamEncoder::StreamEncoder(const Tokenizer& tokenizer, EncodeOptions options,
                                                    size_t piece_bytes)
    : tokenizer_(tokenizer),
      first_options_(options),
      options_(options),
      cutter_(
          [&tokenizer](std::string_view text, size_t position) { return tokenizer.may_cut(text, position); },
          piece_bytes) {}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::add(std::string_view block, std::vector<TokenId>& ids) {
  cutter_.add(block, [&](std::string_view piece) { encode(piece, ids); });
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::finish(std::vector<TokenId>& ids) {
  cutter_.finish([&](std::string_view piece) { encode(piece, ids); });
  options_ = first_options_;
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::encode(std::string_view piece, std::vector<TokenId>& ids) {
  tokenizer_.encode(piece, ids, options_);
  options_.continues = true;
}

#endif

}  // namespace memsizer::text
