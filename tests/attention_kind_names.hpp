#pragma once
// The names of all attention kinds, so that no test of them can forget a new one.

#include <string>
#include <vector>

#include "memsizer/nn/attention/kinds.hpp"

namespace memsizer::test {

inline std::vector<std::string> attention_kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : nn::attention_kinds<double>) names.push_back(kind.name);
  return names;
}

}  // namespace memsizer::test
