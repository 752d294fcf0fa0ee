#pragma once
// A vocabulary in the form of files: tokens and merges are spelled in the byte alphabet, ids come in any
// order.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/files/json_view.hpp"
#include "memsizer/text/added_tokens.hpp"
#include "memsizer/text/bpe.hpp"
#include "memsizer/text/byte_alphabet.hpp"
#include "memsizer/text/quoted.hpp"

namespace memsizer::text::detail {

/// Calls `call` and puts "place: " before the text of an InputError.
template <class Call>
auto at_place(std::string_view place, Call call) {
  try {
    return call();
  } catch (const InputError& error) {
    throw InputError(concatenate(place, ": ", error.what()));
  }
}

/// The same with the place of a JSON value, which is looked for only where there is an error.
template <class Call>
auto at_place(const files::JsonView& view, Call call) {
  try {
    return call();
  } catch (const InputError& error) {
    view.fail(error.what());
  }
}

/// Add all tokens first, then all merges. Errors do not name the file.
class SpelledVocabulary {
 public:
  Index size() const { return static_cast<Index>(spellings_.size()); }

  /// InputError if the vocabulary has this spelling already.
  void add_token(std::string spelling, TokenId id) {
    const auto [place, is_new] = ids_.emplace(std::move(spelling), id);
    require(is_new, "the token ", Quoted{place->first}, " comes twice, expected once");
    spellings_.emplace_back(&place->first, id);
  }

  /// Adds the members of a JSON object, spellings with ids. InputError if an id is not valid.
  void add_tokens(const files::JsonView& tokens) {
    for (const auto& [spelling, id] : tokens.object()) add_token(spelling, tokens.get<TokenId>(spelling));
  }

  std::optional<TokenId> find(std::string_view spelling) const {
    const auto found = ids_.find(spelling);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }

  /// Adds a merge as files spell it: "left right". InputError unless there is one space, and as in the next
  /// function.
  void add_merge(std::string_view merge) {
    const size_t space = merge.find(' ');
    require(space != merge.npos && merge.find(' ', space + 1) == merge.npos,
            "expected two tokens with a space between them, got ", Quoted{merge});
    add_merge(merge.substr(0, space), merge.substr(space + 1));
  }

  /// InputError if the vocabulary lacks a part of the merge or its result.
  void add_merge(std::string_view left, std::string_view right) {
    const std::string result = concatenate(left, right);
    for (const std::string_view token : {left, right, std::string_view(result)})
      require(find(token).has_value(), "the merge of ", Quoted{left}, " and ", Quoted{right}, " names ",
              Quoted{token}, ", expected a token of the vocabulary");
    merges_.push_back({*find(left), *find(right), *find(result)});
  }

  /// InputError unless the ids are 0 to size - 1.
  std::vector<const std::string*> spellings_by_id() const {
    std::vector<const std::string*> sorted(spellings_.size());
    for (const auto& [spelling, id] : spellings_) {
      require(id >= 0 && id < size(), "the token ", Quoted{*spelling}, " has the id ", id, ", expected 0 to ",
              size() - 1, " for ", size(), " tokens");
      auto& place = sorted[static_cast<size_t>(id)];
      require(!place, "the tokens ", Quoted{place ? std::string_view(*place) : ""}, " and ",
              Quoted{*spelling}, " both have the id ", id);
      place = spelling;
    }
    return sorted;
  }

  /// For each id: whether the token is a single byte, takes part in a merge, or is empty. InputError for
  /// wrong ids, as above.
  std::vector<bool> find_ordinary() const {
    const std::vector<const std::string*> spellings = spellings_by_id();
    std::vector<bool> ordinary(spellings.size());
    for (size_t id = 0; id < spellings.size(); ++id) {
      const auto bytes = read_spelling(*spellings[id]);
      ordinary[id] = bytes && bytes->size() <= 1;
    }
    for (const Merge& merge : merges_)
      for (const TokenId id : {merge.left, merge.right, merge.result})
        ordinary[static_cast<size_t>(id)] = true;
    return ordinary;
  }

  /// Added tokens that no merge makes stand for their texts; all other tokens are spelled bytes. InputError
  /// if a spelling is not in the byte alphabet.
  BpeModel::Parts build(const std::vector<AddedToken>& added) const {
    const std::vector<const std::string*> spellings = spellings_by_id();
    const std::vector<bool> ordinary = find_ordinary();
    BpeModel::Parts parts;
    parts.merges = merges_;
    parts.outside.resize(spellings.size());
    for (const AddedToken& token : added) {
      const auto id = static_cast<size_t>(token.id);
      parts.outside[id] = !ordinary[id];
    }
    for (size_t id = 0; id < spellings.size(); ++id) {
      const auto bytes = parts.outside[id] ? *spellings[id] : read_spelling(*spellings[id]);
      require(bytes.has_value(), "token ", id, ", ", Quoted{*spellings[id]},
              ", is not spelled in the byte alphabet");
      parts.tokens.push_back(*bytes);
    }
    return parts;
  }

 private:
  StringMap<TokenId> ids_;
  std::vector<std::pair<const std::string*, TokenId>> spellings_;  // in the order of addition
  std::vector<Merge> merges_;
};

/// The tokens as files spell them, by id.
inline std::vector<std::string> spell_tokens(const BpeModel::Parts& parts) {
  std::vector<std::string> spellings;
  for (size_t id = 0; id < parts.tokens.size(); ++id)
    spellings.push_back(parts.outside[id] ? parts.tokens[id] : spell_bytes(parts.tokens[id]));
  return spellings;
}

/// The merges as files spell them, "left right", in their order.
inline std::vector<std::string> spell_merges(const BpeModel::Parts& parts,
                                             const std::vector<std::string>& spellings) {
  std::vector<std::string> merges;
  for (const auto& [left, right, result] : parts.merges)
    merges.push_back(spellings[static_cast<size_t>(left)] + ' ' + spellings[static_cast<size_t>(right)]);
  return merges;
}

}  // namespace memsizer::text::detail
