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

[[noreturn]] void fail() {
  const int error = errno;
  if (error == EPIPE) throw OutputClosed();
  throw SystemError("cannot write to standard output: " + std::generic_category().message(error));
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail();
}

void print_json(const nlohmann::ordered_json& object) {
  print(files::dump_json(object, -1));
}

void flush_output() {
  if (std::fflush(stdout) != 0) fail();
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
