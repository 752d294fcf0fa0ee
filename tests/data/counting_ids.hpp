#pragma once
// Ids whose values are their places in the text.

#include <numeric>
#include <vector>

#include "memsizer/data/token_ids.hpp"

inline constexpr memsizer::data::TokenId end_of_text = 1000000;

/// Token i is i, so that a test sees where a token comes from.
inline memsizer::data::IdsInMemory counting(memsizer::Index size) {
  std::vector<memsizer::data::TokenId> ids(static_cast<size_t>(size));
  std::iota(ids.begin(), ids.end(), 0);
  return memsizer::data::IdsInMemory(std::move(ids));
}

inline memsizer::data::TokenId before(memsizer::data::TokenId token) {
  return token == 0 ? end_of_text : token - 1;
}

inline const memsizer::Index sizes[] = {1, 2, 3, 7, 31, 32, 33, 64, 100, 257};
