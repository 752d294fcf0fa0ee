#pragma once
// GPT-2's pair of files: vocab.json (or encoder.json) with spellings and ids, and merges.txt (or vocab.bpe)
// with one merge on each line.

#include <filesystem>

#include "memsizer/files/linkage.hpp"
#include "memsizer/text/tokenizer.hpp"

#if MEMSIZER_TEXT_HAS_BODIES
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/error.hpp"
#include "memsizer/files/atomic_file.hpp"
#include "memsizer/files/atomic_folder.hpp"
#include "memsizer/files/json_view.hpp"
#include "memsizer/text/spelled_vocabulary.hpp"
#include "memsizer/text/tokenizer_json.hpp"
#endif

namespace memsizer::text {

/// Reads the two files of a folder. Tokens that are neither bytes nor parts of merges and look like <this> or
/// [this] are special tokens. Any other such token shows that merges are missing. InputError with the file
/// and line.
Tokenizer read_gpt2_files(const std::filesystem::path& folder);

/// Writes vocab.json and merges.txt as a new folder, both or neither. InputError if the folder exists and is
/// not empty, or if these files cannot hold the tokenizer's parts.
void write_gpt2_files(const Tokenizer& tokenizer, const std::filesystem::path& folder);

#if MEMSIZER_TEXT_HAS_BODIES

namespace detail {

constexpr std::array<const char*, 2> vocabulary_names = {"vocab.json", "encoder.json"};
constexpr std::array<const char*, 2> merges_names = {"merges.txt", "vocab.bpe"};

/// The first of the two names that the folder has, else an empty path.
inline std::filesystem::path find_file(const std::filesystem::path& folder,
                                       const std::array<const char*, 2>& names) {
  std::error_code ignored;
  for (const char* name : names)
    if (std::filesystem::exists(folder / name, ignored)) return folder / name;
  return {};
}

inline void read_merges(std::string_view text, const std::string& name, SpelledVocabulary& vocabulary) {
  for (Index line_number = 1; !text.empty(); ++line_number) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line_number == 1 && line.starts_with("#version")) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    at_place(concatenate(name, ":", line_number), [&] { vocabulary.add_merge(line); });
  }
}

inline bool looks_special(std::string_view spelling) {
  return (spelling.starts_with('<') && spelling.ends_with('>')) ||
         (spelling.starts_with('[') && spelling.ends_with(']'));
}

/// The tokens that no merge makes. InputError for one that does not look like a special token.
inline std::vector<AddedToken> find_special(const SpelledVocabulary& vocabulary,
                                            const std::filesystem::path& merges_path) {
  const std::vector<bool> ordinary = vocabulary.find_ordinary();
  const std::vector<const std::string*> spellings = vocabulary.spellings_by_id();
  std::vector<AddedToken> special;
  for (size_t id = 0; id < spellings.size(); ++id) {
    if (ordinary[id]) continue;
    require(looks_special(*spellings[id]), "expected a merge of ", merges_path.string(), " that makes ",
            Quoted{*spellings[id]}, ", got none");
    special.push_back({.id = static_cast<TokenId>(id), .text = *spellings[id]});
  }
  return special;
}

}  // namespace detail

MEMSIZER_TEXT_FUNCTION Tokenizer read_gpt2_files(const std::filesystem::path& folder) {
  const auto vocabulary_path = detail::find_file(folder, detail::vocabulary_names);
  const auto merges_path = detail::find_file(folder, detail::merges_names);
  require(!vocabulary_path.empty(), folder.string(),
          ": expected vocab.json or encoder.json in it, got neither");
  require(!merges_path.empty(), folder.string(), ": expected merges.txt or vocab.bpe in it, got neither");
  constexpr Index max_bytes = Index{256} << 20;
  detail::SpelledVocabulary vocabulary;
  const files::JsonFile vocabulary_file(vocabulary_path);
  const files::JsonView tokens = vocabulary_file.view();
  vocabulary.add_tokens(tokens);
  detail::read_merges(files::read_file(merges_path, max_bytes), merges_path.string(), vocabulary);
  return detail::at_place(tokens, [&] {
    Tokenizer::Parts parts;
    parts.added = detail::find_special(vocabulary, merges_path);
    parts.model = vocabulary.build(parts.added);
    return Tokenizer(std::move(parts));
  });
}

MEMSIZER_TEXT_FUNCTION void write_gpt2_files(const Tokenizer& tokenizer,
                                             const std::filesystem::path& folder) {
  require(
      tokenizer.normalizer().is_identity() && !tokenizer.prefix_space() &&
          !tokenizer.model().parts().whole_words_first,
      "vocab.json and merges.txt can hold no normalizer, prefix space or whole words; write tokenizer.json");
  for (const AddedToken& token : tokenizer.added())
    require(token.special && !token.strip_left && !token.strip_right && detail::looks_special(token.text),
            "vocab.json and merges.txt can hold special tokens like <this> only, got ",
            detail::Quoted{token.text}, "; write tokenizer.json");
  std::error_code ignored;
  require(!std::filesystem::exists(folder, ignored) || std::filesystem::is_empty(folder, ignored),
          folder.string(), ": expected a new or empty folder");
  const auto spellings = detail::spell_tokens(tokenizer.model().parts());
  std::string merges = "#version: 0.2\n";
  for (const std::string& merge : detail::spell_merges(tokenizer.model().parts(), spellings))
    merges += merge + '\n';
  files::AtomicFolder target(folder);
  files::write_file_atomically(target.path() / "vocab.json",
                               files::dump_json(detail::write_vocabulary(spellings)));
  files::write_file_atomically(target.path() / "merges.txt", merges);
  target.commit();
}

#endif

}  // namespace memsizer::text
