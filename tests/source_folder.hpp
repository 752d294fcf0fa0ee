#pragma once
// The folder of the project's sources. Its path is compiled into one small object, so that a compiler cache
// also serves checkouts in other folders.

#include <filesystem>

namespace memsizer::test {

std::filesystem::path source_folder();

}  // namespace memsizer::test
