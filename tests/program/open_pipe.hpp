#pragma once
// Runs the program as another program would that talks with it.

#include "program/program.hpp"

namespace program_test {

/// Runs the program with a pipe as its standard input, and writes each line only when the answer to the line
/// before it, a line too, has come. Gives up after a minute without an answer, with the code 9.
inline Ran ask_line_by_line(const Workplace& place, const std::vector<std::string>& arguments,
                            const std::string& lines) {
  place.folder().write("ask.sh", R"sh(
mkfifo questions.tmp
"$@" <questions.tmp >answers.tmp & child=$!
exec 3>questions.tmp
asked=0
while IFS= read -r line; do
  printf '%s\n' "$line" >&3
  asked=$((asked + 1)) tries=0
  until [ "$(wc -l <answers.tmp)" -ge $asked ]; do
    [ $((tries += 1)) -lt 1200 ] && kill -0 $child || { kill $child; exit 9; }
    sleep 0.05
  done
done
exec 3>&-
wait $child && cat answers.tmp
)sh");
  return place.run(arguments, lines, "sh ask.sh");
}

}  // namespace program_test
