// The program `memsizer`. Its commands are in the files beside this one; their work is done in the library.

#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <unistd.h>

#include "memsizer/files/descriptor.hpp"
#include "memsizer/files/unfinished_files.hpp"

#include "commands.hpp"
#include "exit_code.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace {

void add_commands(const Command& program) {
  add_train_command(program);
  add_evaluate_command(program);
  add_generate_command(program);
  add_chat_command(program);
  add_compare_command(program);
  add_score_command(program);
  add_plot_command(program);
  add_summary_command(program);
  add_tokenizer_command(program);
  add_gradcheck_command(program);
  add_products_command(program);
  add_kernels_command(program);
}

/// Handles Ctrl-C, SIGTERM and SIGHUP if no command does (see train/interrupt.hpp). No unsaved work is in
/// progress then, and files get their names only when they are complete. Another signal ends the process
/// without this; the next writer in the same folder then removes what it left.
void end_at_once(int) {
  files::unfinished_files().remove_all();
  constexpr std::string_view text = "\nmemsizer: interrupted\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(exit_interrupted);
}

/// Runs the command, prints errors, and returns the exit code.
int run(int argc, const char* const* argv) {
  try {
    try {
      run_command_line(argc, argv, add_commands);
    } catch (const Exit& exit) {
      flush_output();
      return exit.code;
    }
    flush_output();
    return exit_success;
  } catch (const OutputClosed&) {
    return exit_failure;
  } catch (const InputError& error) {
    message(std::string("memsizer: ") + error.what());
    return exit_bad_input;
  } catch (const std::bad_alloc&) {
    message("memsizer: out of memory");
    return exit_failure;
  } catch (const std::exception& error) {
    message(std::string("memsizer: ") + error.what());
    return exit_failure;
  }
}

}  // namespace

}  // namespace memsizer::program

int main(int argc, char** argv) {
  memsizer::files::reserve_standard_descriptors();
  // With these signals ignored, a closed output or a file beyond its size limit gives a write error, and does
  // not kill the program.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // A signal that the parent ignores stays ignored. Shells ignore SIGINT for programs in the background.
  for (const int number : {SIGTERM, SIGHUP, SIGINT})
    if (std::signal(number, memsizer::program::end_at_once) == SIG_IGN) std::signal(number, SIG_IGN);
  return memsizer::program::run(argc, argv);
}
