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

inline void require_valid(const SamplingOptions& options) {
  require(options.temperature >= 0 && std::isfinite(options.temperature),
          "temperature: a number of at least 0 expected, got ", options.temperature);
  require(options.top_k >= 0, "top_k: at least 0 expected, got ", options.top_k);
  require(options.top_p > 0 && options.top_p <= 1, "top_p: above 0 and at most 1 expected, got ",
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
std::vector<double> weights_of(std::span<const Id> tokens, std::span<const T> logits, double largest,
                               double temperature) {
  std::vector<double> weights;
  weights.reserve(tokens.size());
  for (const Id token : tokens)
    weights.push_back(
        std::exp((static_cast<double>(logits[static_cast<std::size_t>(token)]) - largest) / temperature));
  return weights;
}

/// How many of the weights, which come in falling order, are needed for the share p of their sum.
inline std::size_t nucleus(std::span<const double> weights, double p) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if ((sum += weights[i]) >= p * total) return i + 1;
  return weights.size();
}

}  // namespace detail

/// The token that `uniform`, in [0, 1), chooses. InputError if a logit is NaN or none is finite.
template <class T>
Id sample(std::span<const T> logits, const SamplingOptions& options, double uniform) {
  const Id best = most_likely(logits);
  if (options.temperature == 0 || options.top_k == 1) return best;
  const double largest = logits[static_cast<std::size_t>(best)];
  std::vector<Id> tokens;
  if (options.top_k == 0 && options.top_p == 1) {
    tokens.resize(logits.size());
    std::iota(tokens.begin(), tokens.end(), 0);
  } else {
    tokens = largest_logits(logits, options.top_k == 0 ? static_cast<Index>(logits.size()) : options.top_k);
  }
  std::vector<double> weights = detail::weights_of<T>(tokens, logits, largest, options.temperature);
  if (options.top_p < 1) {
    weights.resize(detail::nucleus(weights, options.top_p));
    tokens.resize(weights.size());
  }
  return detail::draw(tokens, weights, uniform);
}

}  // namespace memsizer::decode
