#pragma once
// Pairs for tests of batches: each token says which pair it belongs to, on which side, and where.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "memsizer/base/random.hpp"
#include "memsizer/data/pair_batch.hpp"

namespace numbered_pairs {

inline constexpr memsizer::data::PairTokens tokens{.end = 2, .padding = 0};

/// The token at `place` of a pair's source (side 0) or target (side 1).
inline memsizer::data::TokenId token(memsizer::Index pair, memsizer::Index side, memsizer::Index place) {
  return static_cast<memsizer::data::TokenId>(3 + (pair * 2 + side) * 100 + place);
}

/// The numbers of tokens on each side of each pair, without </s> and at most 99.
using Sizes = std::vector<std::pair<memsizer::Index, memsizer::Index>>;

inline memsizer::data::EncodedPairs make(const Sizes& sizes) {
  std::vector<memsizer::data::TokenId> ids;
  for (std::size_t pair = 0; pair < sizes.size(); ++pair)
    for (const memsizer::Index side : {0, 1}) {
      const memsizer::Index size = side == 0 ? sizes[pair].first : sizes[pair].second;
      for (memsizer::Index i = 0; i < size; ++i)
        ids.push_back(token(static_cast<memsizer::Index>(pair), side, i));
      ids.push_back(tokens.end);
    }
  return memsizer::data::EncodedPairs(std::make_unique<memsizer::data::IdsInMemory>(std::move(ids)),
                                      tokens.end, static_cast<memsizer::Index>(sizes.size()), 7);
}

/// Sizes from 1 to `longest` on both sides that resemble each other, as those of translations do.
inline Sizes alike(std::size_t count, std::uint64_t longest, std::uint64_t seed) {
  memsizer::RandomStream random(seed);
  Sizes sizes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t source = 1 + random.below(longest);
    sizes.emplace_back(source, std::min(longest, 1 + source / 2 + random.below(source)));
  }
  return sizes;
}

}  // namespace numbered_pairs
