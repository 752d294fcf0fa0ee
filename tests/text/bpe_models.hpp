#pragma once
// Small byte-pair models, and encoding by its definition.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/text/bpe.hpp"

namespace bpe_models {

using namespace memsizer::text;

/// The 256 bytes, and a token for each merge. A merge is given by the bytes of its two tokens.
inline BpeModel::Parts parts_of(const std::vector<std::pair<std::string, std::string>>& merges) {
  BpeModel::Parts parts;
  for (int byte = 0; byte < 256; ++byte) parts.tokens.emplace_back(1, static_cast<char>(byte));
  const auto find = [&](const std::string& bytes) {
    const auto place = std::find(parts.tokens.begin(), parts.tokens.end(), bytes);
    if (place == parts.tokens.end()) parts.tokens.push_back(bytes);
    return static_cast<TokenId>(std::find(parts.tokens.begin(), parts.tokens.end(), bytes) -
                                parts.tokens.begin());
  };
  for (const auto& [left, right] : merges) {
    const TokenId left_id = find(left), right_id = find(right);
    parts.merges.push_back({left_id, right_id, find(left + right)});
  }
  return parts;
}

/// Encodes by the definition: again and again makes the first learned merge that is possible.
inline std::vector<TokenId> encode_naively(const BpeModel& model, std::string_view word) {
  std::vector<TokenId> ids;
  for (const char byte : word) ids.push_back(model.find(std::string_view(&byte, 1)));
  const auto& merges = model.parts().merges;
  for (size_t rank = 0; rank < merges.size();) {
    bool merged = false;
    for (size_t i = 1; i < ids.size(); ++i) {
      if (ids[i - 1] != merges[rank].left || ids[i] != merges[rank].right) continue;
      ids[i - 1] = merges[rank].result;
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i));
      merged = true;
      break;
    }
    rank = merged ? 0 : rank + 1;
  }
  return ids;
}

}  // namespace bpe_models
