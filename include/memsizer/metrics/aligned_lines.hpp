#pragma once
// The lines of hypotheses and references, from files that must have equally many.

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/text/utf8_lines.hpp"

namespace memsizer::metrics {

/// A line to score may have this many bytes.
inline constexpr Index max_scored_line = Index{1} << 20;

/// The lines of a text file in UTF-8, plain or .gz or .zst; "-" is standard input. A line ends at \n and
/// nowhere else, so U+0085 and a carriage return are part of a line. InputError, with file and line, for
/// invalid UTF-8 and for a line over 1 MiB; and if the file is no text, or empty.
inline std::vector<std::string> read_scored_lines(const std::filesystem::path& path) {
  text::Utf8Lines reader(path, max_scored_line);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(std::move(line));
  require(!lines.empty(), reader.path().string(), ": expected one line or more, got an empty file");
  return lines;
}

/// The lines of each file. InputError as above, and with both counts if a file has not as many lines as the
/// first.
inline std::vector<std::vector<std::string>> read_aligned_lines(
    std::span<const std::filesystem::path> paths) {
  std::vector<std::vector<std::string>> files;
  for (const std::filesystem::path& path : paths) {
    files.push_back(read_scored_lines(path));
    require(files.back().size() == files[0].size(), "expected files with equally many lines, got ",
            files[0].size(), " lines in ", paths[0].string(), " and ", files.back().size(), " in ",
            path.string());
  }
  return files;
}

}  // namespace memsizer::metrics
