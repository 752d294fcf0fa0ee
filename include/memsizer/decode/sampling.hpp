#pragma once
// Drawing a token from a row of logits.

#include "memsizer/base/random.hpp"
#include "memsizer/decode/logits.hpp"

namespace memsizer::decode {

/// How the next token is chosen. Temperature is applied first, then top_k, then top_p to the tokens that
/// top_k left.
struct SamplingOptions {
  double temperature = 0;  // 0: the most likely token; 1: the model's probabilities; above 1: more even
  Index top_k = 0;         // draw from this many most likely tokens; 0: from all
  double top_p = 1;        // draw from the fewest most likely tokens with at least this probability together
                           // (Holtzman et al. 2020, arXiv 1904.09751)
  std::uint64_t seed = 1;
};

/// What errors call the options: the names of the fields, or those that a program's user knows.
struct SamplingNames {
  std::string_view temperature = "temperature", top_k = "top_k", top_p = "top_p";
};

inline void require_valid(const SamplingOptions& options, const SamplingNames& names = {}) {
  require(options.temperature >= 0 && std::isfinite(options.temperature), names.temperature,
          ": a number of at least 0 expected, got ", options.temperature);
  require(options.top_k >= 0, names.top_k, ": at least 0 expected, got ", options.top_k);
  require(options.top_p > 0 && options.top_p <= 1, names.top_p, ": above 0 and at most 1 expected, got ",
          options.top_p);
}

/// The number in [0, 1) that chooses token `position` of a sequence: a function of the seed, the sequence's
/// own stream and the position alone, so other sequences in the batch do not change it.
inline double sampling_number(std::uint64_t seed, std::uint64_t stream, Index position) {
  return RandomStream(mix_keys(seed, stream), static_cast<std::uint64_t>(position)).uniform();
}

namespace detail {

/// The token of `tokens` at which the running sum of weights exceeds `uniform` times their total.
inline Id draw(std::span<const Id> tokens, std::span<const double> weights, double uniform) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (weights[i] == 0) continue;
    last = i;
    if ((sum += weights[i]) > uniform * total) break;
  }
  return tokens[last];
}

/// exp((logit - largest) / temperature) of each token.
template <class T>
std::vector<double> weights_of(const std::vector<Id>& tokens, std::span<const T> logits, double largest,
                               double temperature) {
  std::vector<double> weights;
  weights.reserve(tokens.size());
  for (const Id token : tokens)
    weights.push_back(
        std::exp((static_cast<double>(logits[static_cast<std::size_t>(token)]) - largest) / temperature));
  return weights;
}

/// How many of the weights, which come in falling order, are needed for a sum; all, if they do not reach it.
inline std::size_t nucleus(std::span<const double> weights, double needed) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if ((sum += weights[i]) >= needed) return i + 1;
  return weights.size();
}

/// Tokens that may be drawn, and their weights.
struct Choices {
  std::vector<Id> tokens;
  std::vector<double> weights;

  void keep(std::size_t count) {
    tokens.resize(count);
    weights.resize(count);
  }
};

/// The tokens that top_k and top_p leave; `largest` is the largest logit.
template <class T>
Choices choices_of(std::span<const T> logits, const SamplingOptions& options, double largest) {
  const auto most_likely_ones = [&](Index count) {
    std::vector<Id> tokens = largest_logits(logits, count);
    std::vector<double> weights = weights_of(tokens, logits, largest, options.temperature);
    return Choices{std::move(tokens), std::move(weights)};
  };
  Choices all;
  if (options.top_k > 0) {
    all = most_likely_ones(options.top_k);
  } else {
    all.tokens.resize(logits.size());
    std::iota(all.tokens.begin(), all.tokens.end(), 0);
    all.weights = weights_of(all.tokens, logits, largest, options.temperature);
  }
  if (options.top_p == 1) return all;
  const double needed = options.top_p * std::accumulate(all.weights.begin(), all.weights.end(), 0.0);
  if (options.top_k > 0) {
    all.keep(nucleus(all.weights, needed));
    return all;
  }
  // Mostly a few tokens are enough, and to find these is much faster than to sort a vocabulary.
  for (Index count = 64;; count *= 4) {
    Choices best = most_likely_ones(count);
    const std::size_t kept = nucleus(best.weights, needed);
    if (kept == best.weights.size() && count < static_cast<Index>(logits.size())) continue;
    best.keep(kept);
    return best;
  }
}

}  // namespace detail

/// The token that `uniform`, in [0, 1), chooses. InputError if a logit is NaN or none is finite.
template <class T>
Id sample(std::span<const T> logits, const SamplingOptions& options, double uniform) {
  const Id best = most_likely(logits);
  if (options.temperature == 0 || options.top_k == 1) return best;
  const double largest = logits[static_cast<std::size_t>(best)];
  const detail::Choices choices = detail::choices_of(logits, options, largest);
  return detail::draw(choices.tokens, choices.weights, uniform);
}

}  // namespace memsizer::decode
