#pragma once
// Encodes a text that arrives in blocks, such as a file of 540 MB, while only a few pieces of it are in
// memory. The ids are exactly those of encoding the whole text at once.

#include <string_view>
#include <vector>

#include "memsizer/base/function_ref.hpp"
#include "memsizer/base/ordered_pipeline.hpp"
#include "memsizer/base/thread_pool.hpp"
#include "memsizer/files/linkage.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::text {

/// Takes the blocks of a text from its caller.
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
  BpeModel::Scratch scratch_;
};

/// Asks for the blocks of a text, and encodes them on all threads of a pool; null: on the calling thread.
/// `read` gives the next block, which must stay valid until the next call, and an empty one at the end. `use`
/// takes the ids of one piece after another, in order. Each is called by one thread at a time.
void encode_stream(const Tokenizer& tokenizer, EncodeOptions options, ThreadPool* threads,
                   FunctionRef<std::string_view()> read, FunctionRef<void(const std::vector<TokenId>&)> use,
                   size_t piece_bytes = TextCutter::usual_piece);

#if MEMSIZER_TEXT_HAS_BODIES

namespace detail {

/// A cutter that cuts where the ids stay as they are.
inline TextCutter cutter_for(const Tokenizer& tokenizer, size_t piece_bytes) {
  return TextCutter(
      [&tokenizer](std::string_view text, size_t position) { return tokenizer.may_cut(text, position); },
      piece_bytes);
}

}  // namespace detail

MEMSIZER_TEXT_FUNCTION StreamEncoder::StreamEncoder(const Tokenizer& tokenizer, EncodeOptions options,
                                                    size_t piece_bytes)
    : tokenizer_(tokenizer),
      first_options_(options),
      options_(options),
      cutter_(detail::cutter_for(tokenizer, piece_bytes)) {}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::add(std::string_view block, std::vector<TokenId>& ids) {
  cutter_.add(block, [&](std::string_view piece) { encode(piece, ids); });
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::finish(std::vector<TokenId>& ids) {
  cutter_.finish([&](std::string_view piece) { encode(piece, ids); });
  options_ = first_options_;
}

MEMSIZER_TEXT_FUNCTION void StreamEncoder::encode(std::string_view piece, std::vector<TokenId>& ids) {
  tokenizer_.encode(piece, ids, options_, scratch_);
  options_.continues = true;
}

MEMSIZER_TEXT_FUNCTION void encode_stream(const Tokenizer& tokenizer, EncodeOptions options,
                                          ThreadPool* threads, FunctionRef<std::string_view()> read,
                                          FunctionRef<void(const std::vector<TokenId>&)> use,
                                          size_t piece_bytes) {
  struct Piece : TextPiece {
    std::vector<TokenId> ids;
    BpeModel::Scratch scratch;
  };
  TextPieces pieces(detail::cutter_for(tokenizer, piece_bytes), read);
  run_in_order<Piece>(
      threads, [&](Piece& piece) { return pieces.next(piece); },
      [&](Piece& piece) {
        EncodeOptions of_piece = options;
        of_piece.continues = options.continues || piece.continues;
        piece.ids.clear();
        tokenizer.encode(piece.text, piece.ids, of_piece, piece.scratch);
      },
      [&](const Piece& piece) { use(piece.ids); });
}

#endif

}  // namespace memsizer::text
