#pragma once
// Finds a token by its bytes.

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/text/token_id.hpp"

namespace memsizer::text::detail {

/// A hash table of ids in a table at most half full, with 8 bytes a place, so that that of 50,000 tokens fits
/// into a processor's cache. The bytes stay with the tokens; a part of their hash tells nearly always whether
/// it pays to compare them.
class TokenIndex {
 public:
  TokenIndex() = default;

  /// `tokens` are the bytes by id, and must be the same in every call.
  explicit TokenIndex(size_t expected) : places_(std::bit_ceil(2 * expected + 2)) {}

  /// The id of the token with these bytes; -1 if there is none.
  TokenId find(std::string_view bytes, const std::vector<std::string>& tokens) const {
    const size_t hash = std::hash<std::string_view>()(bytes);
    return places_[place(bytes, hash, tokens)].id;
  }

  /// Inserts a token, and returns its id; or returns the id of the token that has its bytes already. The
  /// table has room for the expected number of tokens.
  TokenId insert(TokenId id, const std::vector<std::string>& tokens) {
    const std::string& bytes = tokens[static_cast<size_t>(id)];
    const size_t hash = std::hash<std::string_view>()(bytes);
    Place& found = places_[place(bytes, hash, tokens)];
    if (found.id < 0) found = {tag_of(hash), id};
    return found.id;
  }

 private:
  struct Place {
    std::uint32_t tag = 0;
    TokenId id = -1;
  };

  static std::uint32_t tag_of(size_t hash) { return static_cast<std::uint32_t>(std::uint64_t{hash} >> 32); }

  size_t place(std::string_view bytes, size_t hash, const std::vector<std::string>& tokens) const {
    const size_t mask = places_.size() - 1;
    size_t index = hash & mask;
    while (places_[index].id >= 0 &&
           (places_[index].tag != tag_of(hash) || tokens[static_cast<size_t>(places_[index].id)] != bytes))
      index = (index + 1) & mask;
    return index;
  }

  std::vector<Place> places_ = std::vector<Place>(1);
};

}  // namespace memsizer::text::detail
