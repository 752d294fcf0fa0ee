#pragma once
// Added tokens, which stand beside the byte-pair model, such as <s>, and the search for their texts in an
// input.

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/text/characters.hpp"
#include "memsizer/text/prefix_tree.hpp"
#include "memsizer/text/token_id.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

/// An added token, with the fields of Hugging Face's tokenizer.json.
struct AddedToken {
  TokenId id = 0;
  std::string text;
  bool special = true;       ///< looked for in an input only where that is asked for
  bool normalized = false;   ///< looked for after normalisation, itself normalised
  bool strip_left = false;   ///< takes the white space before it
  bool strip_right = false;  ///< takes the white space after it

  bool operator==(const AddedToken&) const = default;
};

namespace detail {

/// Finds the texts of added tokens: the leftmost first, and the longest if several begin at one place. The
/// time depends on the text and the longest token, and not on how many tokens there are.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;

  /// Searches for the texts of `tokens`. An empty text is never found; if two tokens have the same text, the
  /// first is found.
  explicit AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
    std::vector<PrefixTree::Text> texts;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const std::string& text = tokens_[i].text;
      texts.emplace_back(text, static_cast<std::int32_t>(i));
      if (!text.empty()) begins_a_token_[static_cast<unsigned char>(text[0])] = true;
    }
    tree_ = PrefixTree(std::move(texts));
  }

  /// Calls found(id) for tokens and plain(text) for the text between them, in order. Special tokens are plain
  /// text unless `special`.
  template <class Plain, class Found>
  void split(std::string_view text, bool special, Plain&& plain, Found&& found) const {
    size_t done = 0;
    for (size_t position = 0; position < text.size();) {
      const AddedToken* token = find_at(text, position);
      if (!token) {
        ++position;
        continue;
      }
      const size_t first = position;
      position += token->text.size();
      if (token->special && !special) continue;
      const size_t start = token->strip_left ? white_space_start(text, first, done) : first;
      if (token->strip_right) position = white_space_end(text, position);
      if (start > done) plain(text.substr(done, start - done));
      found(token->id);
      done = position;
    }
    if (done < text.size()) plain(text.substr(done));
  }

 private:
  const AddedToken* find_at(std::string_view text, size_t position) const {
    if (!begins_a_token_[static_cast<unsigned char>(text[position])]) return nullptr;
    const std::int32_t longest = tree_.longest_in(text.substr(position));
    return longest == PrefixTree::none ? nullptr : &tokens_[static_cast<size_t>(longest)];
  }

  /// The beginning of the white space before `position`, but at least `limit`.
  static size_t white_space_start(std::string_view text, size_t position, size_t limit) {
    while (position > limit) {
      const CodePoint point = decode_utf8_before(text, position);
      if (!is_white_space(point.value)) break;
      position -= static_cast<size_t>(point.length);
    }
    return position;
  }

  static size_t white_space_end(std::string_view text, size_t position) {
    while (position < text.size()) {
      const CodePoint point = decode_utf8(text, position);
      if (!is_white_space(point.value)) break;
      position += static_cast<size_t>(point.length);
    }
    return position;
  }

  std::vector<AddedToken> tokens_;
  PrefixTree tree_;  // of the places in tokens_
  std::array<bool, 256> begins_a_token_{};
};

/// The places at which added tokens allow a cut (text_cutter.hpp), so that the parts give the same tokens as
/// the whole text. A token reaches across the cut only if the characters before and after it stand side by
/// side in the token's text, and ends at the cut only if it ends with the first of them. So the pair alone
/// decides, whatever else the text holds. Example: the token "New York" forbids a cut between w and a space,
/// and also behind a k if an end counts.
class TokenBorders {
 public:
  /// `end_counts` means that no cut may follow the token, because the text after it is treated differently
  /// from other text.
  void add(const AddedToken& token, bool end_counts) {
    std::int32_t before = -1;
    for (size_t position = 0; position < token.text.size();) {
      const CodePoint point = decode_utf8(token.text, position);
      if (before >= 0) inside_.insert({before, point.value});
      before = point.value;
      position += static_cast<size_t>(point.length);
    }
    if (end_counts && before >= 0) ends_.insert(before);
  }

  bool allow_cut(std::int32_t before, std::int32_t after) const {
    return !inside_.contains({before, after}) && !ends_.contains(before);
  }

  bool empty() const { return inside_.empty() && ends_.empty(); }

 private:
  std::set<std::pair<std::int32_t, std::int32_t>> inside_;  // a character and the one after it
  std::set<std::int32_t> ends_;
};

}  // namespace detail
}  // namespace memsizer::text
