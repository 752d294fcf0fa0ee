#pragma once
// What the program prints: results on standard output, everything else on standard error.

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace memsizer::program {

/// Whoever read standard output has closed it (a pipe to `head`, say): there is nobody to tell.
struct OutputClosed {};

/// To standard output. OutputClosed if it was closed, SystemError if it cannot be written.
void print(std::string_view text);

/// One JSON object, to standard output, on one line.
void print_json(const nlohmann::ordered_json& object);

/// Puts on its way what was printed; errors as of print.
void flush_output();

/// A line to standard error.
void message(std::string_view line);

/// Whether a person reads standard output as it comes.
bool output_is_terminal();

}  // namespace memsizer::program
