#pragma once
// Tokens that stand beside the byte-pair model, such as <s>, and the search for their texts in an input.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/text/characters.hpp"
#include "memsizer/text/token_id.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

/// As Hugging Face's tokenizer.json has it.
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

/// Finds the texts of added tokens: the leftmost first, of those that begin at one place the longest.
class AddedTokenFinder {
 public:
  AddedTokenFinder() = default;

  /// Looks for `tokens` by their texts; empty ones are never found.
  explicit AddedTokenFinder(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)) {
    std::stable_sort(tokens_.begin(), tokens_.end(),
                     [](const auto& a, const auto& b) { return a.text.size() > b.text.size(); });
    for (const AddedToken& token : tokens_)
      if (!token.text.empty()) begins_a_token_[static_cast<unsigned char>(token.text[0])] = true;
  }

  /// Calls plain(text) for what lies between tokens and found(id) for tokens, in order. Special tokens stay
  /// plain text unless `special`.
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
    for (const AddedToken& token : tokens_)
      if (!token.text.empty() && text.substr(position, token.text.size()) == token.text) return &token;
    return nullptr;
  }

  /// Where the white space before `position` begins, not before `limit`.
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

  std::vector<AddedToken> tokens_;  // the longest first
  std::array<bool, 256> begins_a_token_{};
};

}  // namespace detail
}  // namespace memsizer::text
