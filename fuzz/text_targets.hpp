#pragma once
// The readers of tokenizers: tokenizer.json, and GPT-2's two files.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/text/gpt2_files.hpp"
#include "memsizer/text/tokenizer_json.hpp"

#include "fuzz/target.hpp"

namespace fuzz {

/// Checks a tokenizer that a reader has accepted: written and read again it is the same, and it gives back
/// the text that it encodes.
inline void use_tokenizer(const memsizer::text::Tokenizer& tokenizer) {
  const std::string json = memsizer::text::dump_tokenizer_json(tokenizer);
  const auto again = memsizer::text::parse_tokenizer_json(json, "again");
  expect(memsizer::text::dump_tokenizer_json(again) == json, "the same tokenizer again");
  const std::string text = " The caf\u00e9's 12 words,\n\n<s>a</s> \xff";
  const auto ids = tokenizer.encode(text, {.special = true});
  expect(ids == again.encode(text, {.special = true}), "the same ids");
  bool changes = !tokenizer.normalizer().is_identity() || tokenizer.prefix_space();
  for (const auto& added : tokenizer.added()) changes = changes || added.strip_left || added.strip_right;
  if (!changes) expect(tokenizer.decode(ids) == text, "the text that was encoded");
}

inline void read_tokenizer_json(std::string_view bytes) {
  use_tokenizer(memsizer::text::parse_tokenizer_json(bytes, "tokenizer.json"));
}

/// The folder in which the two files are written, anew for each input.
inline const std::filesystem::path& files_folder() {
  static const struct Folder {
    Folder() {
      std::string name = (std::filesystem::temp_directory_path() / "memsizer-fuzz-XXXXXX").string();
      if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
      path = name;
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::filesystem::path path;
  } folder;
  return folder.path;
}

/// vocab.json and merges.txt stand one after another, with a zero byte between them.
inline void read_gpt2_files(std::string_view bytes) {
  const std::size_t middle = std::min(bytes.find('\0'), bytes.size());
  std::ofstream(files_folder() / "vocab.json", std::ios::binary) << bytes.substr(0, middle);
  std::ofstream(files_folder() / "merges.txt", std::ios::binary)
      << bytes.substr(std::min(middle + 1, bytes.size()));
  use_tokenizer(memsizer::text::read_gpt2_files(files_folder()));
}

inline const std::vector<NamedTarget>& text_targets() {
  static const std::vector<NamedTarget> targets{{"tokenizer_json", read_tokenizer_json},
                                                {"gpt2_files", read_gpt2_files}};
  return targets;
}

}  // namespace fuzz
