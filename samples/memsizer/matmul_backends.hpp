#pragma once
// The backends of the CPU's matrix products that this program was built with.

#include <string>

namespace memsizer::program {

/// The backend that is used by default.
inline constexpr const char* default_matmul = "eigen";

/// Selects the backend for the CPU's matrix products. If this program does not have it, an InputError says
/// what to do.
void use_matmul_backend(const std::string& name);

/// The backend in use.
const std::string& matmul_backend();

}  // namespace memsizer::program
