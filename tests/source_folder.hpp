#pragma once
// Where the project's sources lie. The path is compiled into one small object, so that a compiler cache
// serves checkouts in other folders too.

#include <filesystem>

namespace memsizer::test {

std::filesystem::path source_folder();

}  // namespace memsizer::test
