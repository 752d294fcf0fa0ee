#pragma once
// The ending of a file's name, by which its form is told.

#include <cctype>
#include <filesystem>
#include <string>

#include "memsizer/base/requirements.hpp"

namespace memsizer::files {

/// A name's ending in lower case: ".gz" of data.GZ.
inline std::string ending_of(const std::filesystem::path& name) {
  std::string ending = name.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

}  // namespace memsizer::files
