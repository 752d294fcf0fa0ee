#pragma once
// Encodes a text that arrives in blocks, such as a file of 540 MB. It holds only a few pieces in memory.

#include <string>
#include <string_view>
#include <vector>

#include "memsizer/text/linkage.hpp"
#include "memsizer/text/parallel_scratch.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::text {

/// The ids are exactly those of encoding the whole text at once.
class StreamEncoder {
 public:
  /// The tokenizer must outlive the encoder, and so must the pool. With a pool, a piece for each of its
  /// threads is collected before they are encoded together.
  explicit StreamEncoder(const Tokenizer& tokenizer, EncodeOptions options = {},
                         size_t piece_bytes = TextCutter::usual_piece, ThreadPool* threads = nullptr);

  /// Takes the next block, which may be cut anywhere, and appends the ids that later blocks cannot change.
  /// They may come with a later block.
  void add(std::string_view block, std::vector<TokenId>& ids);

  /// Ends the text and appends the remaining ids. The next block begins another text.
  void finish(std::vector<TokenId>& ids);

 private:
  struct Piece {
    std::string text;
    EncodeOptions options;
    std::vector<TokenId> ids;
  };

  void take(std::string_view piece, std::vector<TokenId>& ids);
  void encode_pieces(std::vector<TokenId>& ids);

  const Tokenizer& tokenizer_;
  EncodeOptions first_options_, options_;
  TextCutter cutter_;
  ParallelScratch scratches_;
  std::vector<Piece> pieces_;  // their memory is used again
  size_t waiting_ = 0;         // the pieces that are not yet encoded are the first ones
};

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION StreamEncoder::StreamEncoder(const Tokenizer& tokenizer, EncodeOptions options,
                                                    size_t piece_bytes, ThreadPool* threads)
    : tokenizer_(tokenizer),
      first_options_(options),
      options_(options),
      cutter_(
          [&tokenizer](std::string_view text, size_t position) { return tokenizer.may_cut(text, position); },
          piece_bytes),
      scratches_(threads) {}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::add(std::string_view block, std::vector<TokenId>& ids) {
  cutter_.add(block, [&](std::string_view piece) { take(piece, ids); });
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::finish(std::vector<TokenId>& ids) {
  cutter_.finish([&](std::string_view piece) { take(piece, ids); });
  encode_pieces(ids);
  options_ = first_options_;
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::take(std::string_view piece, std::vector<TokenId>& ids) {
  if (waiting_ == pieces_.size()) pieces_.emplace_back();
  pieces_[waiting_].text = piece;
  pieces_[waiting_].options = options_;
  options_.continues = true;
  if (++waiting_ == scratches_.size()) encode_pieces(ids);
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::encode_pieces(std::vector<TokenId>& ids) {
  scratches_.for_each(waiting_, [&](size_t i, BpeModel::Scratch& scratch) {
    Piece& piece = pieces_[i];
    piece.ids.clear();
    tokenizer_.encode(piece.text, piece.ids, piece.options, scratch);
  });
  for (size_t i = 0; i < waiting_; ++i) ids.insert(ids.end(), pieces_[i].ids.begin(), pieces_[i].ids.end());
  waiting_ = 0;
}

#endif

}  // namespace memsizer::text
