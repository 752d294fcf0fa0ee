#pragma once
// Rules that a continuation must keep, for sampling and beam search alike.

#include "memsizer/decode/logits.hpp"

namespace memsizer::decode {

/// What a continuation must keep to. If no token is left that it may choose, it ends as it is.
struct Constraints {
  Index min_tokens = 0;  // the stop token is not chosen before there are so many others
  /// No sequence of so many tokens occurs twice in the new tokens; 0: no such rule. With 2, for example, the
  /// tokens 5 6 5 cannot be continued by 6. As fairseq's --no-repeat-ngram-size, but a prompt does not count.
  Index no_repeat_ngram = 0;
};

/// InputError, with the option's name, if a number is below 0.
inline void require_valid(const Constraints& constraints) {
  require(constraints.min_tokens >= 0, "min_tokens: at least 0 expected, got ", constraints.min_tokens);
  require(constraints.no_repeat_ngram >= 0, "no_repeat_ngram: at least 0 expected, got ",
          constraints.no_repeat_ngram);
}

/// InputError unless a prompt may have min_tokens new tokens.
inline void require_room(const Constraints& constraints, Index max_tokens) {
  require(max_tokens > 0, "max_tokens: above 0 expected, got ", max_tokens);
  require(constraints.min_tokens <= max_tokens, "min_tokens: at most max_tokens, which is ", max_tokens,
          ", expected, got ", constraints.min_tokens);
}

/// The tokens that would complete an n-gram for the second time. Example: after 5 6 7 5 6 and with n = 3 it
/// is 7.
inline std::vector<Id> repeating_tokens(std::span<const Id> tokens, Index n) {
  std::vector<Id> repeating;
  const auto length = static_cast<Index>(tokens.size());
  if (n == 0 || length < n) return repeating;
  const auto end = tokens.last(static_cast<std::size_t>(n - 1));
  for (std::size_t i = 0; i + end.size() < tokens.size(); ++i)
    if (std::ranges::equal(tokens.subspan(i, end.size()), end)) repeating.push_back(tokens[i + end.size()]);
  return repeating;
}

/// Excludes the tokens that may not follow the new tokens of a continuation. Returns false if none is left.
/// `stop_token` is -1 where there is none.
template <class T>
bool constrain(std::span<T> logits, const Constraints& constraints, std::span<const Id> tokens,
               Id stop_token) {
  const bool too_short = stop_token >= 0 && static_cast<Index>(tokens.size()) < constraints.min_tokens;
  if (!too_short && constraints.no_repeat_ngram == 0) return true;
  if (too_short) forbid<T>(logits, std::span(&stop_token, 1));
  forbid<T>(logits, repeating_tokens(tokens, constraints.no_repeat_ngram));
  return std::ranges::any_of(logits, [](T logit) { return !(logit == -std::numeric_limits<T>::infinity()); });
}

}  // namespace memsizer::decode
