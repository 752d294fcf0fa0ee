#pragma once
// Checks of an output before there is anything to write, so that hours of work do not end in an error, and no
// input is overwritten.

#include <filesystem>
#include <optional>
#include <vector>

#include "memsizer/files/atomic_file.hpp"

namespace memsizer::files {

namespace detail {

/// The file to which a name leads after links are followed; "-" is the given stream. Nothing if there is no
/// file.
inline std::optional<struct stat> status_of(const std::filesystem::path& path, int for_dash) {
  struct stat status {};
  const auto standard = standard_descriptor(path, for_dash);
  const int failed = standard ? ::fstat(*standard, &status) : ::stat(path.c_str(), &status);
  return failed ? std::nullopt : std::optional(status);
}

}  // namespace detail

/// InputError, as AtomicFile would throw it, if no file can be written under this name: it is a folder, or
/// its folder is absent or may not be written to. A full disk shows only in writing.
inline void require_can_write(const std::filesystem::path& target) {
  if (standard_descriptor(target, STDOUT_FILENO)) return;
  const std::filesystem::path file = detail::follow_links(target);
  struct stat status {};
  const bool exists = ::stat(file.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) throw_errno("create", target, EISDIR);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  // We write to a device itself, but replace a file by another one, which the folder must allow.
  const std::filesystem::path& written = exists && !S_ISREG(status.st_mode) ? file : folder;
  if (::access(written.c_str(), W_OK) != 0) throw_errno("create", target, errno);
  if (::stat(written.c_str(), &status) == 0 && written == folder && !S_ISDIR(status.st_mode))
    throw_errno("create", target, ENOTDIR);
}

/// InputError if the output is one of the inputs, under any name: a link, another spelling, or a standard
/// stream that leads to the same file. Only files and folders count, since a terminal may be both input and
/// output. An empty path means that none was given.
inline void require_not_an_input(const std::filesystem::path& output,
                                 const std::vector<std::filesystem::path>& inputs) {
  const auto written = detail::status_of(output, STDOUT_FILENO);
  if (!written || !(S_ISREG(written->st_mode) || S_ISDIR(written->st_mode))) return;
  for (const std::filesystem::path& input : inputs) {
    const auto read = input.empty() ? std::nullopt : detail::status_of(input, STDIN_FILENO);
    require(!read || read->st_dev != written->st_dev || read->st_ino != written->st_ino, "the output ",
            output == "-" ? "(standard output)" : output.string(), " is the same file as the input ",
            input == "-" ? "(standard input)" : input.string(), ", which would be lost");
  }
}

}  // namespace memsizer::files
