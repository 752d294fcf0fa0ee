#pragma once
// Trains a tokenizer on texts that arrive in blocks: counts words, then learns merges.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/error.hpp"
#include "memsizer/files/linkage.hpp"
#include "memsizer/text/bpe_trainer.hpp"
#include "memsizer/text/normalizer.hpp"
#include "memsizer/text/pre_tokenizer.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/tokenizer.hpp"
#include "memsizer/text/word_counter.hpp"

namespace memsizer::text {

/// The special tokens of the tokenizers that this project trains: padding, begin and end of a text.
inline std::vector<std::string> default_special_tokens() {
  return {"<pad>", "<s>", "</s>"};
}

/// The memory needed depends on the number of different words, not on the length of the text. Example:
///
///     TokenizerTrainer trainer(Normalizer::parse("nfc"));
///     trainer.add_text("to be or not to be");
///     const Tokenizer tokenizer = trainer.train(300);
class TokenizerTrainer {
 public:
  /// The special tokens take the first ids. InputError if one of them is a single word of the split rule,
  /// since merges could then make it from plain text. Words are counted on the threads of the pool, which
  /// must outlive the trainer; null: on the calling thread. The tokenizer does not depend on their number.
  explicit TokenizerTrainer(Normalizer normalizer = {},
                            std::vector<std::string> special_tokens = default_special_tokens(),
                            ThreadPool* threads = nullptr);

  /// Adds the next block of the current text, which may be cut anywhere.
  void add(std::string_view block);

  /// Ends the current text: words do not reach from one text to the next.
  void finish_text();

  /// Adds a whole text.
  void add_text(std::string_view text) {
    add(text);
    finish_text();
  }

  /// The counts of the words of all texts that are finished.
  const WordCounts& word_counts() { return counter_.counts(); }

  /// InputError if the size is below the number of special tokens and the 256 bytes, or above the largest id.
  void require_vocab_size(Index vocab_size) const { detail::require_vocab_size(vocab_size, special_tokens_); }

  /// A tokenizer of `vocab_size` tokens, special ones included, or of fewer if the text has too few pairs.
  /// InputError as in require_vocab_size, or if there was no text. `std::move(trainer).train(300)` uses the
  /// trainer's counts up, which saves a third of the memory.
  Tokenizer train(Index vocab_size) &;
  Tokenizer train(Index vocab_size) &&;

 private:
  void require_text(Index vocab_size);
  Tokenizer train_on(WordCounts counts, Index vocab_size) const;

  Normalizer normalizer_;
  std::vector<std::string> special_tokens_;
  TextCutter cutter_;
  WordCounter counter_;
};

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION TokenizerTrainer::TokenizerTrainer(Normalizer normalizer,
                                                          std::vector<std::string> special_tokens,
                                                          ThreadPool* threads)
    : normalizer_(normalizer),
      special_tokens_(std::move(special_tokens)),
      cutter_(normalizer),
      counter_(std::move(normalizer), threads) {
  for (const std::string& token : special_tokens_)
    require(!token.empty() && word_end(token, 0) < token.size(),
            "expected a special token such as <s>, got \"", token, "\", which is an ordinary word");
}

MEMSIZER_TEXT_FUNCTION void TokenizerTrainer::add(std::string_view block) {
  cutter_.add(block, [&](std::string_view piece) { counter_.add(piece); });
}

MEMSIZER_TEXT_FUNCTION void TokenizerTrainer::finish_text() {
  cutter_.finish([&](std::string_view piece) { counter_.add(piece); });
}

MEMSIZER_TEXT_FUNCTION void TokenizerTrainer::require_text(Index vocab_size) {
  finish_text();
  require(!word_counts().empty(), "expected text to train a tokenizer on, got none");
  require_vocab_size(vocab_size);
}

MEMSIZER_TEXT_FUNCTION Tokenizer TokenizerTrainer::train(Index vocab_size) & {
  require_text(vocab_size);
  return train_on(word_counts(), vocab_size);
}

MEMSIZER_TEXT_FUNCTION Tokenizer TokenizerTrainer::train(Index vocab_size) && {
  require_text(vocab_size);
  return train_on(counter_.take_counts(), vocab_size);
}

MEMSIZER_TEXT_FUNCTION Tokenizer TokenizerTrainer::train_on(WordCounts counts, Index vocab_size) const {
  Tokenizer::Parts parts;
  parts.model = train_bpe(std::move(counts), special_tokens_, vocab_size);
  for (const std::string& token : special_tokens_)
    parts.added.push_back({.id = static_cast<TokenId>(parts.added.size()), .text = token});
  parts.normalizer = normalizer_;
  return Tokenizer(std::move(parts));
}

#endif

}  // namespace memsizer::text
