#pragma once
// Opens libmemsizer_parquet.so at the first Parquet file. So a program starts without it, and needs it for
// Parquet alone.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <dlfcn.h>

#include "memsizer/base/error.hpp"
#include "memsizer/data/parquet_interface.hpp"

namespace memsizer::data {

namespace detail {

/// Where the library may lie, in the order in which it is looked for. The variable MEMSIZER_PARQUET names the
/// only place. Else: beside the program, in the folder above (as for the tests of a build), in lib beside the
/// program's folder (as after an installation), and where the system looks for libraries.
inline std::vector<std::filesystem::path> parquet_library_places() {
  if (const char* named = std::getenv("MEMSIZER_PARQUET"); named && *named) return {named};
  const std::filesystem::path name = "libmemsizer_parquet.so";
  std::error_code absent;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", absent).parent_path();
  if (folder.empty()) return {name};
  return {folder / name, folder.parent_path() / name, folder.parent_path() / "lib" / name, name};
}

/// The result of looking for the library: its functions, or why there are none.
struct ParquetLibrary {
  const ParquetFunctions* functions = nullptr;
  std::string absence = {};
};

inline ParquetLibrary look_for_parquet_library(const std::vector<std::filesystem::path>& places) {
  std::string found_no_file;
  for (const auto& place : places) {
    std::error_code absent;
    const bool has_folder = place.has_parent_path();
    if (has_folder && !std::filesystem::exists(place, absent)) {
      if (found_no_file.empty()) found_no_file = place.string() + " does not exist";
      continue;
    }
    void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays open as long as the program runs
    if (!library) {
      const std::string reason = ::dlerror();
      if (has_folder) return {.absence = reason};
      return {.absence = found_no_file.empty() ? reason : found_no_file};
    }
    using Provider = decltype(&memsizer_parquet_functions);
    const auto provide = reinterpret_cast<Provider>(::dlsym(library, "memsizer_parquet_functions"));
    if (!provide) return {.absence = place.string() + " is another library"};
    const ParquetFunctions* functions = provide();
    if (functions->version == parquet_interface_version) return {.functions = functions};
    return {.absence = concatenate(place.string(), " has version ", functions->version, " of the interface, ",
                                   "expected ", parquet_interface_version)};
  }
  return {.absence = found_no_file};
}

/// Looks for the library once in a process.
inline const ParquetLibrary& parquet_library() {
  static const ParquetLibrary library = look_for_parquet_library(parquet_library_places());
  return library;
}

}  // namespace detail
}  // namespace memsizer::data
