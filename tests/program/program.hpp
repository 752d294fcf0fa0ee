#pragma once
// Runs the real program as a shell would.

#include <cstdlib>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <sys/wait.h>

#include "memsizer/files/json.hpp"

#include "files/temporary_folder.hpp"
#include "program_build.hpp"

namespace program_test {

struct Ran {
  int code;  // the exit code; 128 + the signal's number if one ended it
  std::string out, err;
};

/// A word quoted for the shell, whatever characters it has.
inline std::string quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

/// A folder in which the program runs. Shell words may stand before the program, such as an environment, and
/// after it, such as a redirection of standard output.
class Workplace {
 public:
  const TemporaryFolder& folder() const { return folder_; }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  Ran run(const std::vector<std::string>& arguments, const std::string& input = "",
          const std::string& before = "", const std::string& after = "") const {
    folder_.write("in.tmp", input);
    std::string command =
        "cd " + quoted(folder_.path().string()) + " && " + before + ' ' + quoted(program_file());
    for (const std::string& argument : arguments) command += ' ' + quoted(argument);
    command += " <in.tmp 2>err.tmp" + (after.empty() ? " >out.tmp" : ' ' + after);
    const int status = std::system(command.c_str());
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, contents(folder_ / "out.tmp"), contents(folder_ / "err.tmp")};
  }

  /// Runs and checks the exit code. If the code is wrong, shows the program's output.
  Ran expect(int code, const std::vector<std::string>& arguments, const std::string& input = "",
             const std::string& before = "", const std::string& after = "") const {
    Ran ran = run(arguments, input, before, after);
    std::string line;
    for (const std::string& argument : arguments) line += argument + ' ';
    BOOST_TEST(ran.code == code, line << "exits " << ran.code << " instead of " << code << "\n"
                                      << ran.out << ran.err);
    return ran;
  }

  /// Runs, and sends a signal (Ctrl-C's if none is named) as soon as the shell finds that the condition is
  /// true. There $child is the process, `listens` is true when the program has begun and handles SIGINT, the
  /// last signal for which it sets a handler, and `finishes` when it has computed for a second, so that it
  /// has read a small model and takes signals as a request to stop. The shell runs `before` before it starts
  /// the program.
  Ran interrupt(const std::string& condition, const std::vector<std::string>& arguments,
                const std::string& input = "", const std::string& signal = "INT",
                const std::string& before = "") const {
    folder_.write("interrupt.sh", before + R"sh(
catches() { grep -qsx memsizer /proc/$child/comm && grep -qs "^SigCgt:.*$1\$" /proc/$child/status; }
listens() { catches '[2367abef]'; }
finishes() { listens && [ $(cut -d ' ' -f 14 /proc/$child/stat) -ge $(getconf CLK_TCK) ]; }
tries=0
# A shell lets what it starts in the background ignore SIGINT.
env --default-signal=INT "$@" <in.tmp & child=$!
until )sh" + condition + R"sh(; do
  kill -0 $child || break
  [ $((tries += 1)) -lt 12000 ] || kill -KILL $child
  sleep 0.05
done
)sh" + "kill -" + signal + R"sh( $child
wait $child
)sh");
    return run(arguments, input, "sh interrupt.sh");
  }

  /// Runs with --json. Standard output must be one JSON object and nothing else.
  memsizer::files::Json json(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.push_back("--json");
    const Ran ran = expect(0, arguments, input);
    const auto document = memsizer::files::parse_json(ran.out, "standard output");
    BOOST_TEST(document.is_object());
    return document;
  }

 private:
  TemporaryFolder folder_;
};

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace program_test
