#pragma once
// Runs gnuplot on a script and reads the picture from its standard output. We use no shell and no file names,
// so no part of a title or a name can become a command.

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memsizer/base/error.hpp"

namespace memsizer::report {

/// The text for a user who does not have gnuplot.
inline constexpr std::string_view gnuplot_hint =
    "gnuplot was not found; on Debian: apt-get install gnuplot-nox";

namespace detail {

/// A temporary file without a name.
class ScratchFile {
 public:
  ScratchFile() : file_(std::tmpfile(), &std::fclose) {
    if (file_ == nullptr) fail("create");
  }
  explicit ScratchFile(std::string_view text) : ScratchFile() {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size() || std::fflush(file_.get()) != 0)
      fail("write");
    std::rewind(file_.get());
  }

  int descriptor() const { return ::fileno(file_.get()); }

  std::string read() const {
    std::rewind(file_.get());
    std::string text;
    char block[1 << 16];
    while (const std::size_t size = std::fread(block, 1, sizeof block, file_.get())) text.append(block, size);
    if (std::ferror(file_.get()) != 0) fail("read");
    return text;
  }

 private:
  [[noreturn]] static void fail(const char* action) {
    throw SystemError(concatenate("cannot ", action, " a temporary file in ", P_tmpdir, ": ",
                                  std::generic_category().message(errno)));
  }

  std::unique_ptr<FILE, int (*)(FILE*)> file_;
};

/// The actions in the new process before the program begins.
class SpawnActions {
 public:
  SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void connect(const ScratchFile& file, int descriptor) {
    ::posix_spawn_file_actions_adddup2(&actions_, file.descriptor(), descriptor);
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// Gives the new process a group of its own, so that Ctrl-C in the terminal reaches only our process.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

/// Runs a program with these files as standard input, output and error. Returns its exit status, or nothing
/// if there is no such program.
inline std::optional<int> run_program(const char* name, const ScratchFile& input, const ScratchFile& output,
                                      const ScratchFile& errors) {
  const SpawnAttributes attributes;
  SpawnActions actions;
  actions.connect(input, STDIN_FILENO);
  actions.connect(output, STDOUT_FILENO);
  actions.connect(errors, STDERR_FILENO);
  char* const arguments[] = {const_cast<char*>(name), const_cast<char*>("-d"), nullptr};
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, name, actions.get(), attributes.get(), arguments, environ);
  if (error == ENOENT || error == EACCES) return std::nullopt;
  if (error != 0) throw SystemError(concatenate("cannot start ", name));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR) throw SystemError(concatenate("lost ", name));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace detail

/// Runs gnuplot on a script, without the user's settings, and returns its standard output. Nothing if there
/// is no gnuplot. If gnuplot fails, a SystemError has its message.
inline std::optional<std::string> run_gnuplot(std::string_view script, const char* program = "gnuplot") {
  const detail::ScratchFile input(script), output, errors;
  const std::optional<int> status = detail::run_program(program, input, output, errors);
  if (!status) return std::nullopt;
  if (*status != 0) throw SystemError(concatenate("gnuplot failed: ", errors.read().substr(0, 2000)));
  return output.read();
}

}  // namespace memsizer::report
