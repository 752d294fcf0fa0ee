#pragma once
// Ctrl-C as a request: the run finishes its step, saves and stops.

#include <csignal>

namespace memsizer::train {

/// While it lives, the first SIGINT or SIGTERM sets a flag, and a second one ends the process at once.
class Interrupt {
 public:
  Interrupt() {
    requested_ = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { requested_ = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &old_interrupt_);
    ::sigaction(SIGTERM, &action, &old_terminate_);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() {
    ::sigaction(SIGINT, &old_interrupt_, nullptr);
    ::sigaction(SIGTERM, &old_terminate_, nullptr);
  }

  static bool requested() { return requested_ != 0; }

 private:
  static inline volatile std::sig_atomic_t requested_ = 0;
  struct sigaction old_interrupt_ {
  }, old_terminate_{};
};

}  // namespace memsizer::train
