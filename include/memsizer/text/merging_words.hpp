#pragma once
// The different words of the training text as symbols, in which merges are made in place.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/prefetch.hpp"
#include "memsizer/text/pair_counts.hpp"
#include "memsizer/text/token_id.hpp"
#include "memsizer/text/word_counts.hpp"

namespace memsizer::text::detail {

/// All words lie in one array with a place for each byte and a boundary between words. A symbol's token
/// stands at its first and at its last place, and the token's length leads from the one to the other. So its
/// neighbours are found without links:
///
///     | t h e |    merge h and e    | t he he |    merge t and he    | the - the |
///
/// Each pair has the list of the places where it came up. It comes up only while the newer of its tokens is
/// made, so the lists of all pairs with one newest token are made at once and lie in one array. Places rise
/// in a list. This is also the order in which overlapping pairs must be merged, such as the two in "aaa".
///
/// The words are sorted by falling count. So a place itself tells the count of its word, and who goes through
/// a list meets the counts in order.
class MergingWords {
 public:
  /// The ids of all bytes must be consecutive. The counts are given up as soon as they are read, since they
  /// need as much memory as the words themselves.
  MergingWords(WordCounts words, const std::array<TokenId, 256>& byte_ids)
      : first_byte_(*std::min_element(byte_ids.begin(), byte_ids.end())),
        lengths_(index(first_byte_) + 256, 1),
        before_(lengths_.size()),
        after_(lengths_.size()) {
    append_words(std::move(words), byte_ids);
    list_pairs_of_bytes();
  }

  /// The number of the pair that is merged next, if any is left.
  std::optional<size_t> take_best() { return pairs_.take_best(); }
  const PairCounts::Pair& pair(size_t number) const { return pairs_[number]; }

  /// Replaces the pair by `result`, which is a new token, wherever it stands.
  void merge(size_t number, TokenId result) {
    const TokenId left = pairs_[number].left, right = pairs_[number].right;
    lengths_.push_back(lengths_[index(left)] + lengths_[index(right)]);
    before_.make_room(result);
    after_.make_room(result);
    replace(number, result);
    const size_t first_new = pairs_.size();
    auto& places = places_.emplace_back(before_.met.size() + after_.met.size());
    Place end = 0;
    end = list_pairs(after_, places, end, [&](TokenId token) { return std::pair(result, token); });
    end = list_pairs(before_, places, end, [&](TokenId token) { return std::pair(token, result); });
    // The pair (result, left) must be there by now: in "aaa" it comes up at the first merge, and goes again.
    lower_pairs(after_, [&](TokenId token) { return std::pair(right, token); });
    lower_pairs(before_, [&](TokenId token) { return std::pair(token, left); });
    pairs_.remove(number);
    pairs_.queue_from(first_new);
  }

 private:
  using Place = std::uint32_t;
  static constexpr TokenId boundary = -1;  // between words
  static constexpr TokenId inside = -2;    // where a symbol began that is now part of a longer one

  /// The places of words with equal counts.
  struct Run {
    Place end;
    Index count;
  };

  /// The list of a pair in places_.
  struct List {
    Place begin, end;
  };

  /// The tokens that were met on one side of a merge's symbols.
  struct Neighbours {
    struct Met {
      TokenId token;
      Place place;  // of the new pair
    };
    struct Sum {
      Index count = 0;
      Place places = 0;  // how many; then where the next goes
    };
    std::vector<Met> met;
    std::vector<Sum> sums;        // by token
    std::vector<TokenId> tokens;  // the different ones

    explicit Neighbours(size_t size) : sums(size) {}
    void make_room(TokenId token) { sums.resize(index(token) + 1); }
    void add(TokenId token, Place place, Index count) {
      Sum& sum = sums[index(token)];
      if (sum.places++ == 0) tokens.push_back(token);
      sum.count += count;
      met.push_back({token, place});
    }
  };

  /// Finds the counts of words by places that rise from call to call.
  class CountFinder {
   public:
    explicit CountFinder(const std::vector<Run>& runs) : run_(runs.begin()), end_(runs.end()) {}
    Index operator()(Place place) {
      if (place >= run_->end)
        run_ = std::upper_bound(run_, end_, place, [](Place a, const Run& run) { return a < run.end; });
      return run_->count;
    }

   private:
    std::vector<Run>::const_iterator run_, end_;
  };

  static size_t index(TokenId token) { return static_cast<size_t>(token); }

  /// The words are sorted by counting: a run's room is known before its words are written, in whatever order.
  void append_words(const WordCounts words, const std::array<TokenId, 256>& byte_ids) {
    std::unordered_map<Index, Place> next;  // by count: where the next word with it goes
    for (const Run& run : make_runs(words)) {
      next[run.count] = runs_.empty() ? 1 : runs_.back().end;
      runs_.push_back(run);
    }
    symbols_.assign(runs_.empty() ? 1 : runs_.back().end, boundary);
    for (const auto& [word, count] : words) {
      Place& place = next[count];
      for (const char byte : word) symbols_[place++] = byte_ids[static_cast<unsigned char>(byte)];
      ++place;  // the boundary
    }
  }

  /// The runs of the words, by falling count. InputError if there are more bytes than places, or if a count
  /// of pairs could overflow.
  static std::vector<Run> make_runs(const WordCounts& words) {
    std::unordered_map<Index, Index> sizes;  // by count
    Index places = 1, greatest = 0;
    for (const auto& [word, count] : words) {
      const Index size = static_cast<Index>(word.size());
      places = checked_sum(places, size + 1, "the bytes of the different words");
      greatest = checked_sum(greatest, checked_product(count, size, "the count of a word"),
                             "the count of all bytes");
      sizes[count] += size + 1;
    }
    require(places < std::numeric_limits<Place>::max(), "the different words of the training text have over ",
            std::numeric_limits<Place>::max(), " bytes");
    std::vector<Run> runs;
    for (const auto& [count, size] : sizes) runs.push_back({static_cast<Place>(size), count});
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.count > b.count; });
    Place end = 1;
    for (Run& run : runs) end = run.end += end;
    return runs;
  }

  /// Calls use(place, which pair of bytes, count) for all pairs.
  template <class Use>
  void for_each_pair_of_bytes(const Use& use) const {
    CountFinder count_at(runs_);
    for (size_t place = 1; place + 1 < symbols_.size(); ++place) {
      const TokenId left = symbols_[place], right = symbols_[place + 1];
      if (left == boundary || right == boundary) continue;
      use(static_cast<Place>(place), index(left - first_byte_) << 8 | index(right - first_byte_),
          count_at(static_cast<Place>(place)));
    }
  }

  void list_pairs_of_bytes() {
    std::vector<Neighbours::Sum> sums(size_t{1} << 16);
    for_each_pair_of_bytes([&](Place, size_t which, Index count) {
      sums[which].count += count;
      ++sums[which].places;
    });
    Place end = 0;
    for (size_t which = 0; which < sums.size(); ++which)
      if (Neighbours::Sum& sum = sums[which]; sum.places > 0) {
        pairs_.add(first_byte_ + static_cast<TokenId>(which >> 8),
                   first_byte_ + static_cast<TokenId>(which & 255), sum.count);
        lists_.push_back({end, end + sum.places});
        end += std::exchange(sum.places, end);
      }
    auto& places = places_.emplace_back(end);
    for_each_pair_of_bytes([&](Place place, size_t which, Index) { places[sums[which].places++] = place; });
    pairs_.queue_from(0);
  }

  /// The array that has the list of a pair.
  std::vector<Place>& places_of(const PairCounts::Pair& pair) {
    const TokenId newest = std::max(pair.left, pair.right);
    return places_[index(std::max(newest - first_byte_ - 255, 0))];
  }

  /// Makes the merge in all words, and collects the neighbours of the new symbols.
  void replace(size_t number, TokenId result) {
    const auto [left, right, count] = pairs_[number];
    const Place left_length = lengths_[index(left)], length = lengths_[index(result)];
    const auto& places = places_of(pairs_[number]);
    const auto [begin, end] = lists_[number];
    CountFinder count_at(runs_);
    for (size_t i = begin; i < end; ++i) {
      if (i + 16 < end) prefetch(&symbols_[places[i + 16]]);
      const Place place = places[i];
      if (symbols_[place] != left || symbols_[place + left_length] != right) continue;
      const Index word_count = count_at(place);
      symbols_[place + left_length] = inside;
      symbols_[place] = symbols_[place + length - 1] = result;
      if (const TokenId token = symbols_[place - 1]; token >= 0)
        before_.add(token, place - lengths_[index(token)], word_count);
      if (const TokenId token = symbols_[place + length]; token >= 0) after_.add(token, place, word_count);
    }
  }

  /// Adds the pairs of the new token with its neighbours of one side. Returns the end of their lists.
  template <class MakePair>
  Place list_pairs(Neighbours& neighbours, std::vector<Place>& places, Place end, const MakePair& make_pair) {
    for (const TokenId token : neighbours.tokens) {
      auto& sum = neighbours.sums[index(token)];
      const auto [left, right] = make_pair(token);
      pairs_.add(left, right, sum.count);
      lists_.push_back({end, end + sum.places});
      end += std::exchange(sum.places, end);
    }
    for (const auto& [token, place] : neighbours.met) places[neighbours.sums[index(token)].places++] = place;
    neighbours.met.clear();
    return end;
  }

  /// Lowers the counts of the pairs which the neighbours were part of before the merge.
  template <class MakePair>
  void lower_pairs(Neighbours& neighbours, const MakePair& make_pair) {
    for (const TokenId token : neighbours.tokens) {
      const auto [left, right] = make_pair(token);
      pairs_.prefetch(left, right);
    }
    for (const TokenId token : neighbours.tokens) {
      const auto [left, right] = make_pair(token);
      pairs_.lower(left, right, neighbours.sums[index(token)].count);
      neighbours.sums[index(token)] = {};
    }
    neighbours.tokens.clear();
  }

  TokenId first_byte_;
  std::vector<TokenId> symbols_;
  std::vector<Run> runs_;       // of all places, by falling count
  std::vector<Place> lengths_;  // in bytes, by token
  PairCounts pairs_;
  std::vector<List> lists_;                 // by pair
  std::vector<std::vector<Place>> places_;  // of the pairs of bytes, then by the newest token of a pair
  Neighbours before_, after_;
};

}  // namespace memsizer::text::detail
