#pragma once
// Ctrl-C as a request: the run finishes its step, saves and stops.

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <unistd.h>

namespace memsizer::train {

/// While it lives, the first SIGINT or SIGTERM sets a flag, and a second one ends the process at once. One
/// inside another shares its flag.
class Interrupt {
 public:
  /// The first signal writes the `notice` (of static storage) to standard error, at once; null: that of the
  /// one around it, if there is any.
  explicit Interrupt(const char* notice = nullptr) : outer_notice_(notice_) {
    if (notice != nullptr) notice_ = notice;
    if (depth_++ > 0) return;
    requested_ = 0;
    struct sigaction action {};
    action.sa_handler = hear;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, &old_interrupt_);
    ::sigaction(SIGTERM, &action, &old_terminate_);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt() {
    notice_ = outer_notice_;
    if (--depth_ > 0) return;
    ::sigaction(SIGINT, &old_interrupt_, nullptr);
    ::sigaction(SIGTERM, &old_terminate_, nullptr);
  }

  static bool requested() { return requested_ != 0; }

 private:
  static void hear(int) {
    requested_ = 1;
    const char* notice = notice_;
    if (notice == nullptr) return;
    const int error = errno;
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, notice, std::strlen(notice));
    errno = error;
  }

  static inline volatile std::sig_atomic_t requested_ = 0;
  static inline std::atomic<const char*> notice_ = nullptr;
  static_assert(std::atomic<const char*>::is_always_lock_free);  // a signal's handler reads it
  static inline int depth_ = 0;
  const char* outer_notice_;
  struct sigaction old_interrupt_ {
  }, old_terminate_{};
};

}  // namespace memsizer::train
