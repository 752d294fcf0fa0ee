#pragma once
// The parts of memsizer tokenizer.

#include <filesystem>
#include <optional>
#include <vector>

#include "memsizer/base/checked.hpp"

#include "command_line.hpp"

namespace memsizer::program {

inline constexpr const char* tokenizer_help =
    "a tokenizer.json, or a folder with it, or with vocab.json and merges.txt, or with encoder.json and "
    "vocab.bpe";

/// The bytes of text in these files; nothing if that cannot be known, of standard input or a compressed file.
std::optional<Index> bytes_of_text(const std::vector<std::filesystem::path>& paths);

void add_encode_command(const Command& tokenizer);

}  // namespace memsizer::program
