#pragma once
// Output: results go to standard output, everything else to standard error.

#include <filesystem>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace memsizer::program {

/// Thrown if the reader of standard output has closed it, as `head` does in a pipe. Nobody is left to tell.
struct OutputClosed {};

/// Writes to standard output. OutputClosed if it was closed; SystemError if writing fails.
void print(std::string_view text);

/// Writes a JSON object to standard output, on one line.
void print_json(const nlohmann::ordered_json& object);

/// Flushes standard output. Errors are those of print().
void flush_output();

/// Writes a line to standard error.
void message(std::string_view line);

/// Writes what a person is to answer on the same line, such as "> ": to standard output if this is a
/// terminal, else to standard error, so that no question lies among the answers in a file.
void ask(std::string_view text);

/// Whether --output names standard output: "-" or /dev/stdout.
bool is_standard_output(const std::filesystem::path& output);

/// Whether standard output is a terminal, where a person reads it as it comes.
bool output_is_terminal();

}  // namespace memsizer::program
