#pragma once
// The project's own files for the house tests. If the source folder is a git checkout, git lists them.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "source_folder.hpp"

namespace house {

inline std::filesystem::path root() {
  return memsizer::test::source_folder();
}

/// The standard output of a shell command.
inline std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    output.append(buffer.data(), size);
  return output;
}

/// A precondition of tests that run Python scripts: without Python they are skipped.
inline boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(output_of("python3 --version 2>/dev/null") != "");
  found.message() << "python3 was not found";
  return found;
}

/// The lines of a text, without the newlines.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

/// A file's bytes; `path` is relative to the root.
inline std::string read(const std::string& path) {
  std::ifstream stream(root() / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::vector<std::string> walk_files() {
  std::vector<std::string> files;
  for (auto entry = std::filesystem::recursive_directory_iterator(root());
       entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory() && (name == "build" || name == ".git")) entry.disable_recursion_pending();
    if (entry->is_regular_file()) files.push_back(entry->path().lexically_relative(root()).generic_string());
  }
  return files;
}

/// Every file of the project, relative to the root. In a git checkout: the files that git tracks or would
/// add. In an unpacked archive: all files outside the build folder.
inline const std::vector<std::string>& files() {
  static const std::vector<std::string> listed = [] {
    const std::string git = "git -C '" + root().string() + "' ls-files --cached --others --exclude-standard";
    std::vector<std::string> found = lines_of(output_of(git + " 2>/dev/null"));
    if (found.empty()) found = walk_files();
    std::erase_if(found, [](const std::string& path) { return !std::filesystem::exists(root() / path); });
    return found;
  }();
  return listed;
}

inline bool has_ending(std::string_view path, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings)
    if (path.ends_with(ending)) return true;
  return false;
}

inline bool is_cpp(std::string_view path) {
  return has_ending(path, {".hpp", ".cpp", ".cuh", ".cu", ".h"});
}

/// Whether a person writes this file: code, build files, scripts and documents, but not data or recorded
/// results.
inline bool is_written(std::string_view path) {
  return is_cpp(path) || has_ending(path, {".cmake", "CMakeLists.txt", "CMakePresets.json", ".py", ".md"}) ||
         path.starts_with("scripts/") || path.starts_with(".ci/");
}

}  // namespace house
