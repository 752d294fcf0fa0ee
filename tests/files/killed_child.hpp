#pragma once
// Runs an action in a child process that is killed at one of its system calls, chosen by number.

#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace killed_child {

/// Whether this machine lets a process trace its child (some containers don't).
inline bool can_trace() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

[[noreturn]] inline void run_traced(const std::function<void()>& action) {
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  try {
    action();
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

struct Run {
  bool was_killed;
  std::vector<long> calls;  // numbers of the system calls that were begun
};

/// Every system call stops the child twice, before and after it; the child is killed at stop number `kill_at`
/// (none: never). Throws if the action itself fails.
inline Run run(const std::function<void()>& action, std::optional<int> kill_at) {
  const pid_t child = ::fork();
  if (child == 0) run_traced(action);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  Run result{false, {}};
  for (int stop = 0;; ++stop) {
    if (kill_at && stop == *kill_at) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      result.was_killed = true;
      return result;
    }
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return result;
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80))
      throw std::runtime_error("the traced action failed");
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) result.calls.push_back(static_cast<long>(info.entry.nr));
  }
}

/// Kills the action at each of its stops in turn; `check` is called after each death, `reset` before each
/// run. Returns the number of deaths.
inline int kill_at_every_call(const std::function<void()>& reset, const std::function<void()>& action,
                              const std::function<void()>& check) {
  for (int stop = 1;; ++stop) {
    reset();
    if (!run(action, stop).was_killed) return stop - 1;
    check();
  }
}

}  // namespace killed_child
