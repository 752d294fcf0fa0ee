#pragma once
// The program that the tests run, and what it was built with. Both are compiled into one small object, as in
// source_folder.hpp.

#include <string>

namespace program_test {

std::string program_file();
bool program_has_cuda();
bool program_has_openblas();

}  // namespace program_test
