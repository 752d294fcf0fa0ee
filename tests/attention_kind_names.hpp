#pragma once
// The names of all attention kinds. Tests take the kinds from here, so that none can forget a new one.

#include <string>
#include <vector>

#include "memsizer/nn/attention/kinds.hpp"

namespace memsizer::test {

/// The names of all kinds, or of the kinds that make one promise:
/// attention_kind_names(&AttentionDescription::cross).
inline std::vector<std::string> attention_kind_names(bool nn::AttentionDescription::*promise = nullptr) {
  std::vector<std::string> names;
  for (const auto& kind : nn::attention_kinds<double>)
    if (promise == nullptr || kind.*promise) names.push_back(kind.name);
  return names;
}

}  // namespace memsizer::test
