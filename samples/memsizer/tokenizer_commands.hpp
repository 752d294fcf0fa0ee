#pragma once
// The parts of memsizer tokenizer.

#include "command_line.hpp"

namespace memsizer::program {

inline constexpr const char* tokenizer_help =
    "a tokenizer.json, or a folder with it or with vocab.json and merges.txt";

void add_encode_command(const Command& tokenizer);

}  // namespace memsizer::program
