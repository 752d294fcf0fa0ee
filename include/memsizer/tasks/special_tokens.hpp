#pragma once
// The tokens of a vocabulary that have a role of their own in every task.

#include "memsizer/device/arguments.hpp"
#include "memsizer/text/tokenizer.hpp"

namespace memsizer::tasks {

/// The token that ends a text and stands before it: </s>, or <|endoftext|> in a GPT-2 vocabulary.
inline Id end_of_text(const text::Tokenizer& tokenizer) {
  return static_cast<Id>(tokenizer.end_id());
}

/// The padding token, whose embedding begins as 0; -1 in a vocabulary that has none of its own.
inline Index padding_of(const text::Tokenizer& tokenizer) {
  return tokenizer.pad_id() == tokenizer.end_id() ? -1 : static_cast<Index>(tokenizer.pad_id());
}

/// The tokens that no result has: all special ones but the end.
inline std::vector<Id> forbidden_tokens(const text::Tokenizer& tokenizer) {
  std::vector<Id> forbidden;
  for (const text::AddedToken& token : tokenizer.added())
    if (token.special && token.id != tokenizer.end_id()) forbidden.push_back(static_cast<Id>(token.id));
  return forbidden;
}

}  // namespace memsizer::tasks
