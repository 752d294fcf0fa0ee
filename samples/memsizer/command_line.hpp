#pragma once
// How the program's commands describe themselves. CLI11 stands behind it, in command_line.cpp alone: it takes
// seconds to compile, and no command needs to see it.

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

/// A command while it is described. What its options are bound to must live until its action has run: the
/// action holds it, by shared pointer.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(app) {}

  /// A command below this one. The example is a whole line that works from the repository's root.
  Command command(const std::string& name, const std::string& summary, const std::string& example) const;

  /// An option such as "--input" or "-i,--input", or, named without dashes, an argument told by its place.
  /// `value` holds the default. A vector takes all the words that follow.
  template <class T>
  void option(const std::string& name, const std::string& placeholder, T& value, const std::string& meaning,
              Need need = Need::optional) const;

  /// An option that may be given many times, with one value each time.
  void repeated(const std::string& name, const std::string& placeholder, std::vector<std::string>& values,
                const std::string& meaning) const;

  /// An option without a value.
  void flag(const std::string& name, bool& value, const std::string& meaning) const;

  /// An option that may stand without a value, which is `meant` then: --resume, --resume=auto.
  void choice_flag(const std::string& name, const std::string& meant, std::string& value,
                   const std::string& meaning) const;

  /// What the command does, once the whole command line has been understood.
  void action(std::function<void()> action) const;

 private:
  CLI::App& app_;
};

std::string program_version();

/// Understands the command line and runs the action of the command in it; prints help where that is asked
/// for. `describe` adds the commands. InputError, with the nearest names, on anything not understood.
void run_command_line(int argc, const char* const* argv, const std::function<void(const Command&)>& describe);

}  // namespace memsizer::program
