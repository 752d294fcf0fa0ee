#pragma once
// How the program ends. main.cpp is the one place where exceptions become exit codes.

namespace memsizer::program {

inline constexpr int exit_success = 0, exit_failure = 1, exit_bad_input = 2, exit_interrupted = 130;

/// Thrown by a command that ends with a code other than 0 and has said why.
struct Exit {
  int code;
};

}  // namespace memsizer::program
