#pragma once
// A table of any module's parameters.

#include "memsizer/base/text_table.hpp"
#include "memsizer/nn/module.hpp"

namespace memsizer::nn {

/// A line a parameter with its full name, shape and number of elements, and their sum. Example:
///   0.weight  [64, 2]   128
///   0.bias       [64]    64
///   all                 192
template <class T>
std::string summary(const Module<T>& root) {
  std::vector<std::vector<std::string>> lines;
  root.for_each_parameter([&](const std::string& name, const Parameter<T>& parameter) {
    lines.push_back({name, concatenate(parameter.shape), std::to_string(parameter.shape.size())});
  });
  lines.push_back({"all", "", std::to_string(parameter_count(root))});
  return text_table(lines, "lrr");
}

}  // namespace memsizer::nn
