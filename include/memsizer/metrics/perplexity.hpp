#pragma once
// A language model's loss on a text, as measures of which some do not depend on the model's tokens.

#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"

namespace memsizer::metrics {

/// The negative log-likelihood of all tokens of a text, in nats, and the sizes of the text before any
/// normaliser: bytes, and words (the parts between white space, and an end mark for each line).
struct TextLikelihood {
  double nats = 0;
  Index tokens = 0, words = 0, bytes = 0;
};

struct Perplexity {
  double loss = 0;  ///< nats a token
  std::optional<double> perplexity, word_perplexity, bits_per_byte;
  std::string reason;  ///< why a measure is absent
};

/// perplexity = exp(nats / tokens), word_perplexity = exp(nats / words), bits_per_byte = nats / ln 2 / bytes.
/// The last two are absent if a normaliser `loses_text`, because the likelihood then belongs to another,
/// easier text. A perplexity too large for a double is absent too. InputError if there are no tokens, words
/// or bytes, or if the loss is not finite.
inline Perplexity perplexity(const TextLikelihood& text, bool loses_text) {
  require(text.tokens > 0 && text.words > 0 && text.bytes > 0, "expected a text to measure, got ",
          text.tokens, " tokens, ", text.words, " words and ", text.bytes, " bytes");
  require(std::isfinite(text.nats), "expected a finite loss, got ", text.nats);
  Perplexity result;
  const auto finite_exp = [&](double nats) -> std::optional<double> {
    const double value = std::exp(nats);
    if (std::isfinite(value)) return value;
    result.reason = "the loss is so large that its exponential is no number";
    return std::nullopt;
  };
  result.loss = text.nats / static_cast<double>(text.tokens);
  result.perplexity = finite_exp(result.loss);
  if (loses_text) {
    result.reason = "the tokenizer's normalizer loses text, so the loss is not that of the text itself";
    return result;
  }
  result.word_perplexity = finite_exp(text.nats / static_cast<double>(text.words));
  result.bits_per_byte = text.nats / std::numbers::ln2 / static_cast<double>(text.bytes);
  return result;
}

}  // namespace memsizer::metrics
