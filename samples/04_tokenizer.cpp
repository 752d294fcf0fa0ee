// Byte-level byte-pair encoding. The text is split into words and the words into bytes; then the most
// frequent pair of neighbours is merged, again and again. Decoding gives back any byte string exactly.
#include <iostream>

#include "memsizer/text/tokenizer_trainer.hpp"

using namespace memsizer;

int main() {
  const std::string text =
      "a memory of slots, a memory of keys and values; the memory is small, the memory is fast, and the "
      "smaller the "
      "memory, the faster the model.";
  text::TokenizerTrainer trainer;
  trainer.add_text(text);
  const text::Tokenizer tokenizer = trainer.train(275);  // 3 special tokens, 256 bytes, 16 merges
  std::cout << "vocabulary: " << tokenizer.vocab_size() << " tokens, <pad> " << tokenizer.pad_id() << ", <s> "
            << tokenizer.begin_id() << ", </s> " << tokenizer.end_id() << '\n';

  std::cout << "tokens that were made by merging:";
  for (text::TokenId id = 259; id < static_cast<text::TokenId>(tokenizer.vocab_size()); ++id)
    std::cout << " [" << tokenizer.token(id) << ']';
  std::cout << '\n';

  for (const std::string line :
       {"the memory", "a model of memory", "mémoire \xF0\x9F\xA7\xA0", "\xFF is no UTF-8"}) {
    const auto ids = tokenizer.encode(line);
    std::cout << ids.size() << " tokens:";
    for (const auto id : ids) std::cout << ' ' << id;
    std::cout << (tokenizer.decode(ids) == line ? "; decoded as it was\n" : "; not the same\n");
  }
}
