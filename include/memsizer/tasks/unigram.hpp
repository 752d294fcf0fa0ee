#pragma once
// The simplest language model: how often each token occurs.

#include <cmath>

#include "memsizer/data/token_ids.hpp"

namespace memsizer::tasks {

namespace detail {

template <class Use>
void for_each_id(const data::TokenIds& ids, const Use& use) {
  constexpr Index block = 1 << 16;
  std::vector<data::TokenId> part;
  for (Index first = 0; first < ids.size(); first += block) {
    part.resize(static_cast<std::size_t>(std::min(block, ids.size() - first)));
    ids.read(first, part);
    for (const data::TokenId id : part) use(static_cast<std::size_t>(id));
  }
}

}  // namespace detail

/// The negative log-likelihood of a text in nats, if each token has the probability
/// (count in training + 1) / (tokens in training + vocab), whatever stands before it.
inline double unigram_nats(const data::TokenIds& training, const data::TokenIds& text, Index vocab) {
  std::vector<double> counts(static_cast<std::size_t>(vocab), 1);
  detail::for_each_id(training, [&](std::size_t id) { ++counts[id]; });
  const double all = static_cast<double>(training.size() + vocab);
  double nats = 0;
  detail::for_each_id(text, [&](std::size_t id) { nats -= std::log(counts[id] / all); });
  return nats;
}

}  // namespace memsizer::tasks
