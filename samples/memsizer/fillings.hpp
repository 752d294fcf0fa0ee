#pragma once
// The fillings of the CPU's matrix products that this program was built with.

#include <string>
#include <vector>

namespace memsizer::program {

/// Their names; the first is used unless told otherwise.
std::vector<std::string> matmul_fillings();

/// The CPU multiplies with this one from now on. InputError, with the names there are, if it is none of them.
void use_matmul_filling(const std::string& name);

/// The one in use.
const std::string& matmul_filling();

}  // namespace memsizer::program
