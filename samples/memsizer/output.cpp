#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "memsizer/files/descriptor.hpp"
#include "memsizer/files/json.hpp"

namespace memsizer::program {

namespace {

/// What waits to be written to standard output. It is no buffer of stdio, which is lost when a signal
/// interrupts its writing: a person presses Ctrl-C, and the terminal is slow.
class Pending {
 public:
  Pending() = default;
  Pending(const Pending&) = delete;
  ~Pending() { write(); }  // the program ends by an error, which is told already

  /// False, with errno, if writing failed.
  bool add(std::string_view text) {
    static const bool line_by_line = output_is_terminal();
    text_ += text;
    const bool may_wait = text_.size() < most && !(line_by_line && text.find('\n') != text.npos);
    return may_wait || write();
  }

  bool write() {
    const bool whole = files::write_all(STDOUT_FILENO, text_);
    text_.clear();
    return whole;
  }

 private:
  static constexpr std::size_t most = std::size_t{1} << 16;
  std::string text_;
};

Pending& pending() {
  static Pending pending;
  return pending;
}

[[noreturn]] void fail() {
  const int error = errno;
  if (error == EPIPE) throw OutputClosed();
  throw SystemError("cannot write to standard output: " + std::generic_category().message(error));
}

}  // namespace

void print(std::string_view text) {
  if (!pending().add(text)) fail();
}

void print_json(const nlohmann::ordered_json& object) {
  print(files::dump_json(object, -1));
}

void flush_output() {
  if (!pending().write()) fail();
}

void message(std::string_view line) {
  const std::string text = std::string(line) + '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void ask(std::string_view text) {
  if (!output_is_terminal()) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    return;
  }
  print(text);
  flush_output();
}

bool is_standard_output(const std::filesystem::path& output) {
  return files::standard_descriptor(output, STDOUT_FILENO) == STDOUT_FILENO;
}

bool output_is_terminal() {
  return ::isatty(STDOUT_FILENO) != 0;
}

}  // namespace memsizer::program
