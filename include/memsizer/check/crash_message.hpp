#pragma once
// Explains a crash while a backward is checked, by a sentence on standard error before the program ends.

#include <csignal>
#include <cstdio>

#include "memsizer/base/sanitizer.hpp"

namespace memsizer::check::detail {

/// While this lives with an unwanted input (0 or above), a segmentation fault prints its most likely cause;
/// then the signal ends the program as usual. Under AddressSanitizer this is not needed, since it reports
/// where a program crashed.
class CrashMessage {
 public:
  explicit CrashMessage(int unwanted) : is_set_(unwanted >= 0 && !address_sanitizer) {
    if (is_set_) before_ = std::signal(SIGSEGV, tell);
  }
  CrashMessage(const CrashMessage&) = delete;
  CrashMessage& operator=(const CrashMessage&) = delete;
  ~CrashMessage() {
    if (is_set_) std::signal(SIGSEGV, before_);
  }

 private:
  static void tell(int signal) {
    std::fputs(
        "gradient check: the backward crashed where one input wants no gradient. Its Output is null there: "
        "ask `if (Output<T> dx = target())`, or target.wanted(), before writing\n",
        stderr);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }

  bool is_set_;
  void (*before_)(int) = SIG_DFL;
};

}  // namespace memsizer::check::detail
