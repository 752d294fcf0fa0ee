#pragma once
// The options of decoding, which `generate` and `evaluate` share.

#include "memsizer/tasks/decoding.hpp"

#include "command_line.hpp"

namespace memsizer::program {

/// Adds these options to a command. `options` must outlive the command line.
void add_decoding_options(const Command& command, tasks::DecodingOptions& options);

}  // namespace memsizer::program
