#pragma once
// Finds the longest of many texts that begin at a place.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/requirements.hpp"

namespace memsizer::text::detail {

/// A trie: texts with the same beginning share a path from the root. "the" and "then" are the path t-h-e-n
/// with two ends. So the time of a search depends on the longest text, and not on how many there are.
class PrefixTree {
 public:
  static constexpr std::int32_t none = -1;

  PrefixTree() : PrefixTree(std::vector<Text>()) {}

  /// A text with its value, which must not be negative.
  using Text = std::pair<std::string_view, std::int32_t>;

  /// An empty text is never found. If a text comes twice, its first value counts.
  explicit PrefixTree(std::vector<Text> texts) {
    std::erase_if(texts, [](const Text& text) { return text.first.empty(); });
    std::stable_sort(texts.begin(), texts.end(),
                     [](const Text& a, const Text& b) { return a.first < b.first; });
    const auto equal = [](const Text& a, const Text& b) { return a.first == b.first; };
    texts.erase(std::unique(texts.begin(), texts.end(), equal), texts.end());
    std::vector<Range> ranges = {{0, texts.size(), 0}};
    add_node(0);
    for (size_t node = 0; node < ranges.size(); ++node) add_children(texts, ranges, node);
    first_child_.push_back(static_cast<std::int32_t>(ranges.size()));
  }

  /// The value of the longest text that `text` begins with; `none` if it begins with none of them.
  std::int32_t longest_in(std::string_view text) const {
    std::int32_t longest = none;
    size_t node = 0;
    for (const char byte : text) {
      const auto first = static_cast<size_t>(first_child_[node]);
      const auto count = static_cast<size_t>(first_child_[node + 1]) - first;
      const void* found = std::memchr(&bytes_[first], static_cast<unsigned char>(byte), count);
      if (!found) break;
      node = static_cast<size_t>(static_cast<const char*>(found) - bytes_.data());
      if (values_[node] != none) longest = values_[node];
    }
    return longest;
  }

 private:
  /// The sorted texts of a node and of those below it, which agree in their first `depth` bytes.
  struct Range {
    size_t begin, end, depth;
  };

  void add_node(char byte) {
    bytes_.push_back(byte);
    values_.push_back(none);
  }

  void add_children(const std::vector<Text>& texts, std::vector<Range>& ranges, size_t node) {
    auto [begin, end, depth] = ranges[node];
    first_child_.push_back(static_cast<std::int32_t>(ranges.size()));
    if (begin < end && texts[begin].first.size() == depth) values_[node] = texts[begin++].second;
    while (begin < end) {
      const char byte = texts[begin].first[depth];
      const size_t first = begin;
      while (begin < end && texts[begin].first[depth] == byte) ++begin;
      ranges.push_back({first, begin, depth + 1});
      add_node(byte);
    }
  }

  // By node, the root first and then level by level, so that the children of a node follow each other.
  std::vector<std::int32_t> first_child_;  // and one more at the end
  std::string bytes_;                      // that leads to the node; the root's is of no use
  std::vector<std::int32_t> values_;       // of the text that ends at the node
};

}  // namespace memsizer::text::detail
