#pragma once
// Ids of tokens, into which a text is encoded.

#include <cstdint>

#include "memsizer/base/requirements.hpp"

namespace memsizer::text {

/// The id of a token: 0 to vocabulary size - 1.
using TokenId = std::int32_t;

}  // namespace memsizer::text
