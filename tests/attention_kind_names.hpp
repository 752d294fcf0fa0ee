#pragma once
// The names of all attention kinds, so that no test of them can forget a new one.

#include <string>
#include <vector>

#include "memsizer/nn/attention/kinds.hpp"

namespace memsizer::test {

/// Of all kinds, or of those that promise what is asked for:
/// attention_kind_names(&AttentionDescription::cross).
inline std::vector<std::string> attention_kind_names(bool nn::AttentionDescription::*promise = nullptr) {
  std::vector<std::string> names;
  for (const auto& kind : nn::attention_kinds<double>)
    if (promise == nullptr || kind.*promise) names.push_back(kind.name);
  return names;
}

}  // namespace memsizer::test
