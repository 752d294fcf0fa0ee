#pragma once
// The backends of the CPU's matrix products that this program was built with.

#include <string>

namespace memsizer::program {

/// What is used unless told otherwise.
inline constexpr const char* default_matmul = "eigen";

/// The CPU multiplies with this one from now on. InputError, saying what to do, if this program does not have
/// it.
void use_matmul_backend(const std::string& name);

/// The one in use.
const std::string& matmul_backend();

}  // namespace memsizer::program
