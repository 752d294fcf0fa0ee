#pragma once
// Runs an action in a child process, and decides at each of its system calls: the call is made, it fails, or
// the child is killed before it.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

namespace killed_child {

/// A system call that the child is about to make.
struct Call {
  pid_t process;
  long number;
  std::array<std::uint64_t, 6> arguments;

  bool is_one_of(std::initializer_list<long> numbers) const {
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
  }
};

/// Whether opening a file with these flags may create it.
inline bool creates(std::uint64_t flags) {
  return (flags & O_CREAT) != 0 || (flags & __O_TMPFILE) == __O_TMPFILE;
}

/// The type of the open file that the call's first argument, a descriptor, stands for.
inline std::filesystem::file_type type_of_descriptor(const Call& call) {
  const std::string descriptor =
      "/proc/" + std::to_string(call.process) + "/fd/" + std::to_string(call.arguments[0]);
  std::error_code not_open;
  return std::filesystem::status(descriptor, not_open).type();
}

/// Whether a call creates a file or a folder or writes to one. A full disk refuses such a call.
inline bool needs_space(const Call& call) {
#ifdef SYS_open
  if (call.number == SYS_open) return creates(call.arguments[1]);
  if (call.is_one_of({SYS_mkdir, SYS_creat})) return true;
#endif
  if (call.number == SYS_openat) return creates(call.arguments[2]);
  if (call.number == SYS_mkdirat) return true;
  return call.is_one_of({SYS_write, SYS_writev, SYS_pwrite64, SYS_pwritev, SYS_sendfile}) &&
         type_of_descriptor(call) == std::filesystem::file_type::regular;
}

/// Whether a call changes what is on the disk. All deaths between two such calls leave the same files.
inline bool changes_files(const Call& call) {
  return needs_space(call) ||
#ifdef SYS_open
         call.is_one_of({SYS_rename, SYS_unlink, SYS_rmdir, SYS_chmod, SYS_link, SYS_symlink}) ||
#endif
         call.is_one_of({SYS_renameat, SYS_renameat2, SYS_unlinkat, SYS_ftruncate, SYS_truncate, SYS_fchmod,
                         SYS_fchmodat, SYS_linkat, SYS_symlinkat, SYS_fsync, SYS_fdatasync});
}

/// False for calls that only manage the process: its memory, signals and threads, and the pipes by which a
/// sanitizer tests memory. The number of these calls varies from run to run, and a death at one leaves the
/// same files as a death at the next other call.
inline bool is_not_of_the_process(const Call& call) {
  if (call.is_one_of({SYS_read, SYS_write, SYS_close}))
    return type_of_descriptor(call) != std::filesystem::file_type::fifo;
  return !call.is_one_of({SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise,
                          SYS_sigaltstack, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_futex, SYS_gettid,
                          SYS_sched_yield, SYS_pipe2});
}

/// The fate of a call: it is made, it fails with an error number, or the child dies before it.
struct Fate {
  bool dies = false;
  int error = 0;
};

using Judge = std::function<Fate(const Call&)>;

inline Fate spare(const Call&) {
  return {};
}

struct Run {
  bool was_killed = false;
  std::vector<long> calls = {};  // the numbers of the system calls that began
};

/// Whether this machine lets a process trace its child; some containers do not.
inline bool can_trace() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Whether we can make calls fail here. Each processor needs its own code for that.
inline constexpr bool can_fail_calls =
#ifdef __x86_64__
    true;
#else
    false;
#endif

namespace detail {

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

/// Lets the child run to its next stop, and passes on signals that it gets meanwhile. Returns false when it
/// has ended.
inline bool go_on(pid_t child, int& status) {
  for (int signal = 0;; signal = WSTOPSIG(status)) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, signal);
    ::waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) return false;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) return true;
  }
}

/// Called at the stop before a call. Replaces the call by none, and gives the child the error as its result.
inline void fail_call([[maybe_unused]] pid_t child, [[maybe_unused]] int& status,
                      [[maybe_unused]] int error) {
#ifdef __x86_64__
  user_regs_struct registers{};
  ::ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  registers.orig_rax = ~0ull;
  ::ptrace(PTRACE_SETREGS, child, nullptr, &registers);
  go_on(child, status);
  ::ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  registers.rax = static_cast<unsigned long long>(-static_cast<long long>(error));
  ::ptrace(PTRACE_SETREGS, child, nullptr, &registers);
#endif
}

/// Whether this stop is before a call, which goes into `call`. There is another stop after each call.
inline bool is_before_call(pid_t child, Call& call) {
  __ptrace_syscall_info info{};
  ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  call.process = child;
  call.number = static_cast<long>(info.entry.nr);
  std::copy(std::begin(info.entry.args), std::end(info.entry.args), call.arguments.begin());
  return true;
}

}  // namespace detail

/// Runs the action in a child and asks `judge` before each of its calls. Throws if the action itself fails.
inline Run run(const std::function<void()>& action, const Judge& judge = spare) {
  const pid_t child = ::fork();
  if (child == 0) detail::run_traced(action);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  Run result;
  for (Call call{}; detail::go_on(child, status);) {
    if (!detail::is_before_call(child, call)) continue;
    const Fate fate = judge(call);
    if (fate.dies) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      result.was_killed = true;
      return result;
    }
    result.calls.push_back(call.number);
    if (fate.error != 0) detail::fail_call(child, status, fate.error);
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error("the traced action failed");
  return result;
}

using Choice = bool (*)(const Call&);

/// Runs the action again and again, killed at the first, the second ... of the chosen calls, until it ends by
/// itself. Calls `reset` before each run and `check` after each death. Returns the number of deaths.
inline int kill_at_every_call(const std::function<void()>& reset, const std::function<void()>& action,
                              const std::function<void()>& check, Choice is_chosen = is_not_of_the_process) {
  for (int deaths = 0;; ++deaths) {
    reset();
    int chosen = 0;
    const Judge judge = [&](const Call& call) { return Fate{is_chosen(call) && chosen++ == deaths}; };
    if (!run(action, judge).was_killed) return deaths;
    check();
  }
}

/// The same with a disk that is full from the first, the second ... call that needs space. The action must
/// catch the errors of this. Ends with the first run that meets no full disk, and returns how many runs met
/// one.
inline int fill_disk_at_every_call(const std::function<void()>& reset, const std::function<void()>& action,
                                   const std::function<void()>& check) {
  for (int failures = 0;; ++failures) {
    reset();
    int calls = 0;
    run(action, [&](const Call& call) {
      return Fate{.error = needs_space(call) && calls++ >= failures ? ENOSPC : 0};
    });
    if (calls <= failures) return failures;
    check();
  }
}

}  // namespace killed_child
