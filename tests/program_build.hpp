#pragma once
// The path of the program that the tests run, and how it was built. Both are compiled into one small object,
// as in source_folder.hpp.

#include <string>

namespace program_test {

std::string program_file();
bool program_has_cuda();
bool program_has_openblas();

}  // namespace program_test
