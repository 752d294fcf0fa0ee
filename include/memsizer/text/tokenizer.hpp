#pragma once
// From text to token ids and back: added tokens, normaliser, GPT-2's split rule and byte-pair encoding, one
// after another.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/files/linkage.hpp"
#include "memsizer/text/added_tokens.hpp"
#include "memsizer/text/bpe.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/normalizer.hpp"
#include "memsizer/text/pre_tokenizer.hpp"
#include "memsizer/text/quoted.hpp"
#include "memsizer/text/text_cutter.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

struct EncodeOptions {
  bool special = false;    ///< the texts of special tokens become these tokens; else they are plain text
  bool continues = false;  ///< the text goes on from an earlier piece: no prefix space (see Tokenizer::Parts)
};

struct DecodeOptions {
  bool skip_special = false;  ///< special tokens leave nothing; else they leave their texts
};

/// A byte-level BPE tokenizer. Immutable: threads may share one. decode gives back exactly the bytes that
/// encode got, valid UTF-8 or not, unless a normaliser, a prefix space or a token that strips white space
/// changes them.
class Tokenizer {
 public:
  struct Parts {
    BpeModel::Parts model;          ///< with the added tokens, by id
    std::vector<AddedToken> added;  ///< special and other tokens that are found by their texts
    Normalizer normalizer;
    bool prefix_space = false;  ///< a text that does not begin with a space is given one
  };

  /// InputError if the parts contradict each other.
  explicit Tokenizer(Parts parts);

  std::vector<TokenId> encode(std::string_view text, EncodeOptions options = {}) const {
    std::vector<TokenId> ids;
    encode(text, ids, options);
    return ids;
  }

  /// Appends the ids of the text.
  void encode(std::string_view text, std::vector<TokenId>& ids, EncodeOptions options = {}) const {
    BpeModel::Scratch scratch;
    encode(text, ids, options, scratch);
  }

  /// The same for many texts, whose words the scratch remembers. Each thread needs a scratch of its own.
  void encode(std::string_view text, std::vector<TokenId>& ids, EncodeOptions options,
              BpeModel::Scratch& scratch) const;

  /// The bytes of the tokens one after another. InputError if an id is not in the vocabulary.
  std::string decode(std::span<const TokenId> ids, DecodeOptions options = {}) const;

  /// The number of tokens, including special and other added ones.
  Index vocab_size() const { return model_.vocab_size(); }

  /// The bytes of a token, or the text of an added token. InputError if the id is not in the vocabulary.
  const std::string& token(TokenId id) const {
    require(id >= 0 && id < vocab_size(), "the id ", id, " is not in the vocabulary of ", vocab_size());
    return model_.token(id);
  }

  /// The id of the added token with this text, or of the token with these bytes (" the", not "Ġthe").
  std::optional<TokenId> id_of(std::string_view token) const;

  /// InputError on an id that is not in the vocabulary.
  bool is_special(TokenId id) const {
    token(id);
    return is_special_[static_cast<size_t>(id)];
  }

  /// The ids of <pad>, <s> and </s>, or of <|endoftext|> for one that is absent. InputError if that is absent
  /// too.
  TokenId pad_id() const { return require_special(pad_, "<pad>"); }
  TokenId begin_id() const { return require_special(begin_, "<s>"); }
  TokenId end_id() const { return require_special(end_, "</s>"); }

  /// Whether encode searches an input for added tokens.
  bool finds_tokens(bool special) const { return special ? !added_.empty() : has_plain_added_; }

  /// Whether the parts before and after `position`, encoded one by one and the second with
  /// EncodeOptions::continues, give the ids of the whole text.
  bool may_cut(std::string_view text, size_t position) const;

  const BpeModel& model() const { return model_; }
  const std::vector<AddedToken>& added() const { return added_; }
  const Normalizer& normalizer() const { return normalizer_; }
  bool prefix_space() const { return prefix_space_; }

 private:
  template <class Use>
  void normalize_then(std::string_view text, Use&& use) const {
    if (normalizer_.is_identity()) return use(text);
    const std::string normalized = normalizer_(text);
    use(std::string_view(normalized));
  }

  void encode_words(std::string_view text, bool continues, BpeModel::Scratch& scratch,
                    std::vector<TokenId>& ids) const;

  /// Whether a cut, where the split rule allows it, keeps every added token that is found in the whole text.
  bool finds_the_same(std::string_view text, size_t position) const;

  void index_added();

  /// In files the key of an ordinary token is its spelling, and of an outside token its text. No two tokens
  /// may have one key.
  void check_spelling(const AddedToken& added) const;

  void build_finders();

  std::optional<TokenId> find_special(std::string_view text) const;

  static TokenId require_special(std::optional<TokenId> id, std::string_view text) {
    require(id.has_value(), "the tokenizer has no special token ", text, " and no <|endoftext|>");
    return *id;
  }

  BpeModel model_;
  std::vector<AddedToken> added_;
  Normalizer normalizer_;
  bool prefix_space_;
  std::vector<bool> is_special_;          // by id
  detail::StringMap<TokenId> added_ids_;  // by text
  bool has_plain_added_ = false;          // an added token that is not special
  detail::AddedTokenFinder finder_, normalized_finder_;
  detail::TokenBorders borders_, normalized_borders_;
  std::optional<TokenId> pad_, begin_, end_;
};

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION Tokenizer::Tokenizer(Parts parts)
    : model_(std::move(parts.model)),
      added_(std::move(parts.added)),
      normalizer_(std::move(parts.normalizer)),
      prefix_space_(parts.prefix_space) {
  index_added();
  build_finders();
  pad_ = find_special("<pad>");
  begin_ = find_special("<s>");
  end_ = find_special("</s>");
}

MEMSIZER_TEXT_FUNCTION void Tokenizer::encode(std::string_view text, std::vector<TokenId>& ids,
                                              EncodeOptions options, BpeModel::Scratch& scratch) const {
  bool continues = options.continues;  // true only for the text before the first token found
  const auto words = [&](std::string_view normalized) {
    encode_words(normalized, std::exchange(continues, false), scratch, ids);
  };
  const auto found = [&](TokenId id) {
    continues = false;
    ids.push_back(id);
  };
  if (!finds_tokens(options.special)) return normalize_then(text, words);
  finder_.split(
      text, options.special,
      [&](std::string_view piece) {
        normalize_then(piece, [&](std::string_view normalized) {
          normalized_finder_.split(normalized, options.special, words, found);
        });
      },
      found);
}

MEMSIZER_TEXT_FUNCTION std::string Tokenizer::decode(std::span<const TokenId> ids,
                                                     DecodeOptions options) const {
  std::string text;
  for (const TokenId id : ids)
    if (!(is_special(id) && options.skip_special)) text += token(id);
  return text;
}

MEMSIZER_TEXT_FUNCTION std::optional<TokenId> Tokenizer::id_of(std::string_view token) const {
  if (const auto added = added_ids_.find(token); added != added_ids_.end()) return added->second;
  const TokenId id = model_.find(token);
  return id < 0 ? std::nullopt : std::optional(id);
}

MEMSIZER_TEXT_FUNCTION bool Tokenizer::may_cut(std::string_view text, size_t position) const {
  return is_safe_cut(text, position, normalizer_) && finds_the_same(text, position);
}

MEMSIZER_TEXT_FUNCTION void Tokenizer::encode_words(std::string_view text, bool continues,
                                                    BpeModel::Scratch& scratch,
                                                    std::vector<TokenId>& ids) const {
  const auto encode_all = [&](std::string_view words) {
    const auto split = [](std::string_view part, const auto& use) { for_each_word(part, use); };
    model_.encode_words(words, split, scratch, ids);
  };
  if (!prefix_space_ || continues || text.empty() || text[0] == ' ')
    encode_all(text);
  else
    encode_all(' ' + std::string(text));
}

MEMSIZER_TEXT_FUNCTION bool Tokenizer::finds_the_same(std::string_view text, size_t position) const {
  if (borders_.empty() && normalized_borders_.empty()) return true;
  if (position == 0 || position >= text.size()) return true;
  const CodePoint before = decode_utf8_before(text, position), after = decode_utf8(text, position);
  if (!borders_.allow_cut(before.value, after.value)) return false;
  if (normalized_borders_.empty()) return true;
  const auto normal_form = [&](size_t first, CodePoint point) {
    return normalizer_(text.substr(first, static_cast<size_t>(point.length)));
  };
  const std::string last = normal_form(position - static_cast<size_t>(before.length), before);
  const std::string next = normal_form(position, after);
  // A character that joins the one before it may end in another character than it does alone.
  return !holds_joining_characters(last) &&
         normalized_borders_.allow_cut(decode_utf8_before(last, last.size()).value,
                                       decode_utf8(next, 0).value);
}

MEMSIZER_TEXT_FUNCTION void Tokenizer::index_added() {
  is_special_.resize(static_cast<size_t>(vocab_size()));
  std::vector<bool> is_added(is_special_.size());
  for (const AddedToken& added : added_) {
    require_utf8(added.text, "an added token");
    require(added.id >= 0 && added.id < vocab_size(), "the added token ", detail::Quoted{added.text},
            " has the id ", added.id, ", outside the vocabulary of ", vocab_size());
    const auto id = static_cast<size_t>(added.id);
    require(!is_added[id], "two added tokens have the id ", added.id);
    require(added_ids_.emplace(added.text, added.id).second, "two added tokens are ",
            detail::Quoted{added.text});
    check_spelling(added);
    is_added[id] = true;
    is_special_[id] = added.special;
    has_plain_added_ = has_plain_added_ || !added.special;
  }
  for (size_t id = 0; id < is_added.size(); ++id)
    require(is_added[id] || !model_.parts().outside[id], "token ", id, " is neither ordinary nor added");
}

MEMSIZER_TEXT_FUNCTION void Tokenizer::check_spelling(const AddedToken& added) const {
  const std::string& bytes = model_.token(added.id);
  const bool outside = model_.parts().outside[static_cast<size_t>(added.id)];
  const std::string expected = outside ? bytes : spell_bytes(bytes);
  require(added.text == expected, "the added token ", detail::Quoted{added.text}, " has the id ", added.id,
          " of ", detail::Quoted{expected});
  const auto read = read_spelling(added.text);
  require(!outside || !read || model_.find(*read) < 0, "the added token ", detail::Quoted{added.text},
          " is spelled like token ", read ? model_.find(*read) : -1);
}

MEMSIZER_TEXT_FUNCTION void Tokenizer::build_finders() {
  std::vector<AddedToken> before, after;
  for (const AddedToken& added : added_) {
    auto& tokens = added.normalized ? after : before;
    tokens.push_back(added);
    if (added.normalized) tokens.back().text = normalizer_(added.text);
    // A token may include the white space after it, and a text after a token gets a prefix space of its
    // own.
    (added.normalized ? normalized_borders_ : borders_)
        .add(tokens.back(), added.strip_right || prefix_space_);
  }
  finder_ = detail::AddedTokenFinder(std::move(before));
  normalized_finder_ = detail::AddedTokenFinder(std::move(after));
}

MEMSIZER_TEXT_FUNCTION std::optional<TokenId> Tokenizer::find_special(std::string_view text) const {
  for (const std::string_view name : {text, std::string_view("<|endoftext|>")})
    if (const auto id = id_of(name); id && is_special(*id)) return id;
  return std::nullopt;
}

#endif

}  // namespace memsizer::text
