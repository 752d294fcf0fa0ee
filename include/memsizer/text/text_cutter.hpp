#pragma once
// Cuts a text that arrives in blocks into pieces that can be normalised and split one by one.
//
// A cut is safe between a character that is not white space and one that is: no word of GPT-2's split rule
// reaches across it, the rule never looks back, and it looks ahead from white space only. White space
// combines with nothing, so no normal form changes across it either, if the character before the cut still
// ends in something other than white space after normalisation. A character that is stripped does not; a mark
// is never used, since it may join the character before it.
//
// Without a normaliser a cut is safe too between a letter or digit of ASCII and punctuation of ASCII, as in
// "end|,": the rule's letters and digits end there, and what begins with punctuation does not look back. So a
// text without white space can be cut.

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "memsizer/base/function_ref.hpp"
#include "memsizer/text/characters.hpp"
#include "memsizer/text/normalizer.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

namespace detail {

/// Whether a letter or digit of ASCII stands before `position`, and punctuation of ASCII after it.
inline bool is_before_punctuation(std::string_view text, size_t position) {
  const auto is_in = [](char c, char first, char last) { return c >= first && c <= last; };
  const auto is_word_character = [&](char c) {
    return is_in(c, 'a', 'z') || is_in(c, 'A', 'Z') || is_in(c, '0', '9');
  };
  const char after = text[position];
  return is_word_character(text[position - 1]) && is_in(after, '!', '~') && !is_word_character(after);
}

}  // namespace detail

/// Whether the pieces before and after `position`, taken one by one, give the same as the whole text.
inline bool is_safe_cut(std::string_view text, size_t position, const Normalizer& normalizer) {
  if (position == 0 || position >= text.size()) return true;
  if (normalizer.is_identity() && detail::is_before_punctuation(text, position)) return true;
  if (!is_white_space(decode_utf8(text, position).value)) return false;
  const CodePoint before = decode_utf8_before(text, position);
  if (is_white_space(before.value)) return false;
  if (normalizer.is_identity()) return true;
  if (before.valid() && is_mark(before.value)) return false;
  const std::string end = normalizer(
      text.substr(position - static_cast<size_t>(before.length), static_cast<size_t>(before.length)));
  return !end.empty() && !is_white_space(decode_utf8_before(end, end.size()).value);
}

/// Whether a text has characters that normal forms may join to the character before them: marks, vowels and
/// final consonants of Hangul, vowels of Kirat Rai.
inline bool holds_joining_characters(std::string_view text) {
  for (size_t position = 0; position < text.size();) {
    const CodePoint point = decode_utf8(text, position);
    const auto lies_in = [&](std::int32_t first, std::int32_t last) {
      return point.value >= first && point.value <= last;
    };
    if (point.valid() && is_mark(point.value)) return true;
    if (lies_in(0x1160, 0x11FF) || lies_in(0xD7B0, 0xD7FF) || lies_in(0x16D60, 0x16D7F)) return true;
    position += static_cast<size_t>(point.length);
  }
  return false;
}

/// The last position above 0, at or after `first`, for which may_cut(text, position) is true; 0 if there is
/// none.
template <class MayCut>
size_t last_cut(std::string_view text, size_t first, const MayCut& may_cut) {
  for (size_t position = text.size(); position-- > std::max<size_t>(first, 1);)
    if (may_cut(text, position)) return position;
  return 0;
}

/// Collects blocks and hands out pieces of at least `piece_bytes`, except the last.
class TextCutter {
 public:
  /// may_cut(text, position) says whether the parts before and after may be processed one by one.
  using MayCut = std::function<bool(std::string_view, size_t)>;
  static constexpr size_t usual_piece = size_t{1} << 18;

  explicit TextCutter(MayCut may_cut, size_t piece_bytes = usual_piece)
      : may_cut_(std::move(may_cut)), piece_bytes_(piece_bytes) {}

  /// A cutter that cuts wherever the split rule and a normaliser allow it.
  explicit TextCutter(Normalizer normalizer, size_t piece_bytes = usual_piece)
      : TextCutter(
            [normalizer = std::move(normalizer)](std::string_view text, size_t position) {
              return is_safe_cut(text, position, normalizer);
            },
            piece_bytes) {}

  size_t piece_bytes() const { return piece_bytes_; }

  /// Takes the next block, of any size and cut anywhere, and calls use(piece) for each complete piece.
  template <class Use>
  void add(std::string_view block, Use&& use) {
    while (!block.empty()) {
      const std::string_view part = block.substr(0, piece_bytes_);
      pending_ += part;
      block.remove_prefix(part.size());
      if (pending_.size() < piece_bytes_) continue;
      if (const size_t cut = last_cut(pending_, searched_, may_cut_)) {
        use(std::string_view(pending_).substr(0, cut));
        pending_.erase(0, cut);
        searched_ = 0;
      } else {
        searched_ =
            pending_.size() - std::min<size_t>(pending_.size(), 3);  // a character may end in the next block
      }
    }
  }

  /// Ends the text: calls use(piece) for the rest, if there is any. The next block begins another text.
  template <class Use>
  void finish(Use&& use) {
    if (!pending_.empty()) use(std::string_view(pending_));
    pending_.clear();
    searched_ = 0;
  }

 private:
  MayCut may_cut_;
  size_t piece_bytes_;
  std::string pending_;
  size_t searched_ = 0;  // there is no safe cut before this place
};

/// A piece of a longer text.
struct TextPiece {
  std::string text;
  bool continues = false;  ///< it goes on from the piece before
};

/// Gives the pieces of a text one at a time, for those who ask rather than being called.
class TextPieces {
 public:
  /// `read` gives the next block of the text, which stays valid until the next call, and an empty one at the
  /// end.
  using Read = FunctionRef<std::string_view()>;

  TextPieces(TextCutter cutter, Read read) : cutter_(std::move(cutter)), read_(read) {}

  /// Puts the next piece into `piece`. Returns false at the end.
  bool next(TextPiece& piece) {
    bool found = false;
    const auto take = [&](std::string_view text) {
      piece.text = text;
      found = true;
    };
    while (!found && !ended_) {
      if (block_.empty()) block_ = read_();
      ended_ = block_.empty();
      const std::string_view part = block_.substr(0, cutter_.piece_bytes());  // holds at most one cut
      ended_ ? cutter_.finish(take) : cutter_.add(part, take);
      block_.remove_prefix(part.size());
    }
    piece.continues = std::exchange(continues_, true);
    return found;
  }

 private:
  TextCutter cutter_;
  Read read_;
  std::string_view block_;
  bool continues_ = false, ended_ = false;
};

}  // namespace memsizer::text
