#pragma once
// The exit codes of the program. Only main.cpp turns exceptions into exit codes.

namespace memsizer::program {

inline constexpr int exit_success = 0, exit_failure = 1, exit_bad_input = 2, exit_interrupted = 130;

/// A command throws this to end with a code other than 0, after it has printed the reason.
struct Exit {
  int code;
};

}  // namespace memsizer::program
