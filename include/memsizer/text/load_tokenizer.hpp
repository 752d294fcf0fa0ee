#pragma once
// Loads a tokenizer from a tokenizer.json or a folder.

#include <filesystem>
#include <system_error>
#include <vector>

#include "memsizer/files/linkage.hpp"
#include "memsizer/text/gpt2_files.hpp"
#include "memsizer/text/tokenizer.hpp"
#include "memsizer/text/tokenizer_json.hpp"

namespace memsizer::text {

/// Reads a Hugging Face tokenizer.json, or a folder with that file or with vocab.json|encoder.json and
/// merges.txt|vocab.bpe. InputError if there is none, or if it is not valid.
Tokenizer load_tokenizer(const std::filesystem::path& path);

/// The files that load_tokenizer(path) reads or may read, none of which an output may replace.
std::vector<std::filesystem::path> tokenizer_files(const std::filesystem::path& path);

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION std::vector<std::filesystem::path> tokenizer_files(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return {path};
  std::vector<std::filesystem::path> files;
  for (const char* name : {"tokenizer.json", "vocab.json", "encoder.json", "merges.txt", "vocab.bpe"})
    files.push_back(path / name);
  return files;
}

MEMSIZER_TEXT_FUNCTION Tokenizer load_tokenizer(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return read_tokenizer_json(path);
  if (std::filesystem::exists(path / "tokenizer.json", ignored))
    return read_tokenizer_json(path / "tokenizer.json");
  return read_gpt2_files(path);
}

#endif

}  // namespace memsizer::text
