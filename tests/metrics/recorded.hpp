#pragma once
// Figures that the scripts in tests/metrics/oracle recorded.

#include <string_view>

#include "memsizer/files/json.hpp"

#include "source_folder.hpp"

namespace memsizer::test {

inline files::Json recorded(std::string_view name) {
  return files::read_json(source_folder() / "tests/metrics/oracle" / name);
}

}  // namespace memsizer::test
