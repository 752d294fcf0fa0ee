#pragma once
// Functions of a row of logits on the host, for decoding. Those that read whole rows are compiled in the
// library alone, at -O3: a program's own copy of them, at its -O1, would take the library's place when the
// two are linked.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer::decode {

/// The token with the largest logit; among equals the first. InputError if a logit is NaN or none is finite.
template <class T>
Id most_likely(std::span<const T> logits);

/// log sum exp(logits), in double.
template <class T>
double log_sum_exp(std::span<const T> logits);

/// The `count` tokens with the largest logits, largest first; among equals the first. Tokens with -infinity
/// are left out. InputError if a logit is NaN. Most logits cost two comparisons: with the maximum of their
/// part, and with the least of the best so far.
template <class T>
std::vector<Id> largest_logits(std::span<const T> logits, Index count);

#if MEMSIZER_CORE_HAS_BODIES

namespace detail {

/// Calls visit(i) for the logits that are above threshold(), or NaN, in their order; visit may raise the
/// threshold. Few are above that of a search for the best, so whole blocks without one are passed over, which
/// compilers do in packets.
template <class T, class Threshold, class Visit>
void for_each_above(std::span<const T> logits, const Threshold& threshold, const Visit& visit) {
  constexpr std::size_t block = 64;
  for (std::size_t begin = 0; begin < logits.size(); begin += block) {
    const std::span<const T> part = logits.subspan(begin, std::min(block, logits.size() - begin));
    const T least = threshold();
    int above = 0;
    for (const T logit : part) above |= static_cast<int>(!(logit <= least));
    if (above == 0) continue;
    for (std::size_t i = 0; i < part.size(); ++i)
      if (!(part[i] <= threshold())) {
        require(!std::isnan(part[i]), "decoding: the logit of token ", begin + i, " is not a number");
        visit(begin + i);
      }
  }
}

/// A number below the `count` largest logits, and not far below: the logits are dealt out to 128 parts in
/// turn, and each of the `count` parts with the largest maxima holds a logit that is at least the least of
/// these maxima. The parts' maxima are found in packets. -infinity if there are too few logits for that.
template <class T>
T bound_of_largest(std::span<const T> logits, Index count) {
  constexpr std::size_t parts = 128;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  if (count < 1 || count > Index{parts} || logits.size() < parts) return -infinity;
  std::array<T, parts> maxima;
  maxima.fill(-infinity);
  for (std::size_t begin = 0; begin + parts <= logits.size(); begin += parts)
    for (std::size_t i = 0; i < parts; ++i) {
      const T logit = logits[begin + i];
      maxima[i] = logit > maxima[i] ? logit : maxima[i];
    }
  const auto place = maxima.begin() + (count - 1);
  std::ranges::nth_element(maxima, place, std::greater<>());
  return std::nextafter(*place, -infinity);
}

}  // namespace detail

template <class T>
Id most_likely(std::span<const T> logits) {
  T largest = -std::numeric_limits<T>::infinity();
  Id token = -1;
  detail::for_each_above(
      logits, [&] { return largest; },
      [&](std::size_t i) {
        largest = logits[i];
        token = static_cast<Id>(i);
      });
  require(std::isfinite(largest), "decoding: no token has a finite logit");
  return token;
}

template <class T>
double log_sum_exp(std::span<const T> logits) {
  const double largest = logits[static_cast<std::size_t>(most_likely(logits))];
  double sum = 0;
  for (const T logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
  return largest + std::log(sum);
}

template <class T>
std::vector<Id> largest_logits(std::span<const T> logits, Index count) {
  const auto before = [&](Id a, Id b) {
    const T x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  };
  std::vector<Id> best;  // a heap with the last of the best on top
  if (count == 0) return best;
  T threshold = detail::bound_of_largest(logits, count);
  detail::for_each_above(
      logits, [&] { return threshold; },
      [&](std::size_t i) {
        if (static_cast<Index>(best.size()) == count) {
          std::ranges::pop_heap(best, before);
          best.pop_back();
        }
        best.push_back(static_cast<Id>(i));
        std::ranges::push_heap(best, before);
        if (static_cast<Index>(best.size()) == count) threshold = logits[static_cast<std::size_t>(best[0])];
      });
  std::ranges::sort_heap(best, before);
  return best;
}

#endif

/// Excludes tokens from the choice.
template <class T>
void forbid(std::span<T> logits, std::span<const Id> tokens) {
  for (const Id token : tokens) logits[static_cast<std::size_t>(token)] = -std::numeric_limits<T>::infinity();
}

/// InputError unless this is a token, or -1 for none.
inline void require_stop_token(Id token, Index vocab) {
  require(token >= -1 && token < vocab, "stop token: one of a vocabulary of ", vocab,
          ", or -1, expected, got ", token);
}

/// InputError unless each token is in 0 .. vocab - 1.
inline void require_tokens(const char* what, std::span<const Id> tokens, Index vocab) {
  for (const Id token : tokens)
    require(token >= 0 && token < vocab, what, ": token ", token, " of a vocabulary of ", vocab);
}

}  // namespace memsizer::decode

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_CHOOSING(INSTANTIATE, T)                                                       \
  INSTANTIATE memsizer::Id memsizer::decode::most_likely<T>(std::span<const T>);                \
  INSTANTIATE double memsizer::decode::log_sum_exp<T>(std::span<const T>);                      \
  INSTANTIATE std::vector<memsizer::Id> memsizer::decode::largest_logits<T>(std::span<const T>, \
                                                                            memsizer::Index)
