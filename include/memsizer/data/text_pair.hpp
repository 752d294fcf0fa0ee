#pragma once
// The example of every task that writes a text from a text.

#include <string>

#include "memsizer/base/requirements.hpp"

namespace memsizer::data {

/// What the model reads and what it is to write: a sentence and its translation, an article and its summary,
/// or a question and its answer.
struct TextPair {
  std::string source, target;

  bool operator==(const TextPair&) const = default;
};

}  // namespace memsizer::data
