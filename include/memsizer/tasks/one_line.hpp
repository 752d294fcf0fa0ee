#pragma once
// Texts as lines, for files with a line for each text.

#include <algorithm>
#include <string>
#include <vector>

#include "memsizer/base/requirements.hpp"

namespace memsizer::tasks {

/// How a text of several lines becomes one line, in files with a line for each text.
enum class LineBreaks {
  become_spaces,      ///< for texts that have none in the data
  become_backslash_n  ///< the two characters \ and n, as JSON writes a line break
};

/// A text without line breaks.
inline std::string on_one_line(std::string text, LineBreaks line_breaks = LineBreaks::become_spaces) {
  if (line_breaks == LineBreaks::become_spaces) {
    std::ranges::replace(text, '\n', ' ');
    return text;
  }
  std::string line;
  for (const char c : text)
    if (c == '\n')
      line += "\\n";
    else
      line += c;
  return line;
}

/// Texts as lines.
inline std::vector<std::string> as_lines(std::vector<std::string> texts, LineBreaks line_breaks) {
  for (std::string& text : texts) text = on_one_line(std::move(text), line_breaks);
  return texts;
}

}  // namespace memsizer::tasks
