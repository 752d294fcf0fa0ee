#pragma once
// The merges of a byte-pair model.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "memsizer/text/pair_map.hpp"
#include "memsizer/text/token_id.hpp"

namespace memsizer::text {

/// A merge: two neighbouring tokens become one.
struct Merge {
  TokenId left, right, result;

  bool operator==(const Merge&) const = default;
};

namespace detail {

/// The rank of each pair's merge: its place among all merges, the first learned first. Most pairs have none.
/// So a bit of each pair's hash tells first whether a look-up pays: the bits fit into a core's own cache, and
/// the ranks do not.
class MergeRanks {
 public:
  static constexpr std::int32_t no_rank = std::numeric_limits<std::int32_t>::max();

  explicit MergeRanks(size_t merges = 0)
      : ranks_(merges),
        words_(std::bit_ceil(bits_for_each * merges + bits_in_word) / bits_in_word),
        shift_(64 - std::countr_zero(bits_in_word * words_.size())) {}

  void set(TokenId left, TokenId right, std::int32_t rank) {
    const std::uint64_t place = place_of(left, right);
    words_[place / bits_in_word] |= std::uint64_t{1} << place % bits_in_word;
    ranks_(left, right) = rank;
  }

  /// no_rank if the pair has no merge.
  std::int32_t operator()(TokenId left, TokenId right) const {
    const std::uint64_t place = place_of(left, right);
    if ((words_[place / bits_in_word] >> place % bits_in_word & 1) == 0) return no_rank;
    const std::int32_t* rank = ranks_.find(left, right);
    return rank ? *rank : no_rank;
  }

 private:
  static constexpr size_t bits_in_word = 64, bits_for_each = 16;

  std::uint64_t place_of(TokenId left, TokenId right) const { return hash_of_pair(left, right) >> shift_; }

  PairMap<std::int32_t> ranks_;
  std::vector<std::uint64_t> words_;  // of the bits
  int shift_;                         // leaves as many bits of a hash as number the bits
};

}  // namespace detail
}  // namespace memsizer::text
