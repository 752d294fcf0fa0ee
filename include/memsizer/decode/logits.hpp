#pragma once
// Functions of a row of logits on the host, for decoding.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "memsizer/device/arguments.hpp"

namespace memsizer::decode {

/// The token with the largest logit; among equals the first. InputError if a logit is NaN or none is finite.
template <class T>
Id most_likely(std::span<const T> logits) {
  T largest = -std::numeric_limits<T>::infinity();
  Id token = -1;
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (!(logits[i] <= largest)) {
      require(!std::isnan(logits[i]), "decoding: the logit of token ", i, " is not a number");
      largest = logits[i];
      token = static_cast<Id>(i);
    }
  require(std::isfinite(largest), "decoding: no token has a finite logit");
  return token;
}

/// log sum exp(logits), in double.
template <class T>
double log_sum_exp(std::span<const T> logits) {
  const double largest = logits[static_cast<std::size_t>(most_likely(logits))];
  double sum = 0;
  for (const T logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
  return largest + std::log(sum);
}

/// The `count` tokens with the largest logits, largest first; among equals the first. Tokens with -infinity
/// are left out. InputError if a logit is NaN. Most logits cost one comparison, with the least of the best so
/// far.
template <class T>
std::vector<Id> largest_logits(std::span<const T> logits, Index count) {
  const auto before = [&](Id a, Id b) {
    const T x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  };
  std::vector<Id> best;  // a heap with the last of the best on top
  if (count == 0) return best;
  T threshold = -std::numeric_limits<T>::infinity();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] <= threshold) continue;
    require(!std::isnan(logits[i]), "decoding: the logit of token ", i, " is not a number");
    if (static_cast<Index>(best.size()) == count) {
      std::ranges::pop_heap(best, before);
      best.pop_back();
    }
    best.push_back(static_cast<Id>(i));
    std::ranges::push_heap(best, before);
    if (static_cast<Index>(best.size()) == count) threshold = logits[static_cast<std::size_t>(best[0])];
  }
  std::ranges::sort_heap(best, before);
  return best;
}

/// Excludes tokens from the choice.
template <class T>
void forbid(std::span<T> logits, std::span<const Id> tokens) {
  for (const Id token : tokens) logits[static_cast<std::size_t>(token)] = -std::numeric_limits<T>::infinity();
}

/// InputError unless each token is in 0 .. vocab - 1.
inline void require_tokens(const char* what, std::span<const Id> tokens, Index vocab) {
  for (const Id token : tokens)
    require(token >= 0 && token < vocab, what, ": token ", token, " of a vocabulary of ", vocab);
}

}  // namespace memsizer::decode
