#pragma once
// Where the running program is in memory.

#include <cstdint>
#include <string>

namespace memsizer::emulated::race {

/// Whether the bytes are in the program itself, such as its constants and the built-in variables of the
/// emulated device.
bool in_program(const void* address, std::size_t bytes);
/// A short number for the instruction before a return address, and a command that turns one or two such
/// numbers into source lines.
std::uint32_t code_number(const void* return_address);
std::string source_lines_command(std::uint32_t first, std::uint32_t second = 0);

}  // namespace memsizer::emulated::race
