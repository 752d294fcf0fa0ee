#pragma once
// Turns Ctrl-C, and the signals by which a system ends a program, into a request: the run finishes its step,
// saves and stops.

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <unistd.h>

#include "memsizer/base/requirements.hpp"

namespace memsizer::train {

/// While an Interrupt lives, the first SIGINT (Ctrl-C), SIGTERM (a shutdown, or a batch system's time limit)
/// or SIGHUP (a lost connection) sets a flag. A second SIGINT or SIGTERM ends the process at once. A second
/// SIGHUP does not, because a terminal that goes away may send several. A signal that the parent process
/// ignores, as `nohup` does with SIGHUP, stays ignored. Nested Interrupts share one flag.
class Interrupt {
 public:
  /// The first signal writes `notice`, which must have static storage, to standard error at once. If `notice`
  /// is null, the notice of the enclosing Interrupt is written, if there is one.
  explicit Interrupt(const char* notice = nullptr) : outer_notice_(notice_) {
    if (notice != nullptr) notice_ = notice;
    if (depth_++ > 0) return;
    requested_ = 0;
    for (Signal& signal : signals_) listen(signal);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() {
    notice_ = outer_notice_;
    if (--depth_ > 0) return;
    for (const Signal& signal : signals_) ::sigaction(signal.number, &signal.old, nullptr);
  }

  static bool requested() { return requested_ != 0; }
  /// The number of the first signal that came, such as SIGTERM; 0: none.
  static int signal() { return requested_; }

 private:
  struct Signal {
    int number;
    struct sigaction old {};  // the action before ours
  };

  static void listen(Signal& signal) {
    ::sigaction(signal.number, nullptr, &signal.old);
    if (signal.old.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = hear;
    action.sa_flags = signal.number == SIGHUP ? 0 : static_cast<int>(SA_RESETHAND);
    ::sigaction(signal.number, &action, nullptr);
  }

  static void hear(int number) {
    if (requested_ == 0) requested_ = number;
    const char* notice = notice_;
    if (notice == nullptr) return;
    const int error = errno;
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, notice, std::strlen(notice));
    errno = error;
  }

  static inline volatile std::sig_atomic_t requested_ = 0;
  static inline std::atomic<const char*> notice_ = nullptr;
  static_assert(std::atomic<const char*>::is_always_lock_free);  // because a signal handler reads it
  static inline int depth_ = 0;
  const char* outer_notice_;
  std::array<Signal, 3> signals_ = {Signal{SIGINT}, Signal{SIGTERM}, Signal{SIGHUP}};
};

}  // namespace memsizer::train
