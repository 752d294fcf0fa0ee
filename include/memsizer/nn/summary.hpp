#pragma once
// A table of any module's parameters.

#include <array>
#include <iomanip>
#include <sstream>

#include "memsizer/nn/module.hpp"

namespace memsizer::nn {

/// A line a parameter with its full name, shape and number of elements, and their sum. Example:
///   0.weight  [64, 2]   128
///   0.bias       [64]    64
///   all                 192
template <class T>
std::string summary(const Module<T>& module) {
  std::vector<std::array<std::string, 3>> lines;
  module.for_each_parameter([&](const std::string& name, const Parameter<T>& parameter) {
    lines.push_back({name, concatenate(parameter.shape), std::to_string(parameter.shape.size())});
  });
  lines.push_back({"all", "", std::to_string(parameter_count(module))});
  std::array<std::size_t, 3> widths{};
  for (const auto& line : lines)
    for (std::size_t i = 0; i < 3; ++i) widths[i] = std::max(widths[i], line[i].size());
  const auto width = [&](std::size_t i) { return std::setw(static_cast<int>(widths[i])); };
  std::ostringstream text;
  for (const auto& [name, shape, count] : lines)
    text << std::left << width(0) << name << "  " << std::right << width(1) << shape << "  " << width(2)
         << count << '\n';
  return text.str();
}

}  // namespace memsizer::nn
