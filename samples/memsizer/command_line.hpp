#pragma once
// The interface by which commands describe themselves. Only command_line.cpp includes CLI11, because it takes
// seconds to compile.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "memsizer/base/checked.hpp"

namespace CLI {
class App;
}

namespace memsizer::program {

enum class Need { optional, required };

/// A command that is being described. Variables bound to its options must live until its action has run, so
/// the action holds them by shared pointer.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(app) {}

  /// Adds a command below this one. `example` is a complete command line that works in the repository's root.
  Command command(const std::string& name, const std::string& summary, const std::string& example) const;

  /// Adds an option such as "--input" or "-i,--input". A name without dashes makes a positional argument.
  /// `value` is bound to the option and holds its default. If it is a vector, it takes all words that follow.
  template <class T>
  void option(const std::string& name, const std::string& placeholder, T& value, const std::string& meaning,
              Need need = Need::optional) const;

  /// Adds an option that may be given many times, with one value each time.
  void repeated(const std::string& name, const std::string& placeholder, std::vector<std::string>& values,
                const std::string& meaning) const;

  /// Adds an option without a value.
  void flag(const std::string& name, bool& value, const std::string& meaning) const;

  /// Adds an option whose value may be left out; the value is then `meant`. Example: --resume and
  /// --resume=auto.
  void choice_flag(const std::string& name, const std::string& meant, std::string& value,
                   const std::string& meaning) const;

  /// Sets the function that runs after the whole command line was parsed.
  void action(std::function<void()> action) const;

 private:
  CLI::App& app_;
};

std::string program_version();

/// Parses the command line and runs the action of its command, or prints help if asked for. `describe` adds
/// the commands. If a word is not understood, an InputError suggests the nearest name.
void run_command_line(int argc, const char* const* argv, const std::function<void(const Command&)>& describe);

}  // namespace memsizer::program
