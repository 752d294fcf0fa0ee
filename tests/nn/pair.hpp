#pragma once
// A module of two layers, for tests of what may happen to modules.

#include <string>
#include <vector>

#include "memsizer/nn/layers.hpp"

namespace memsizer::test {

struct Pair : nn::Module<double> {
  nn::Linear<double> first, second;
  explicit Pair(Index width = 3) : first(2, width), second(width, 1) {
    child("first", first);
    child("second", second);
  }
  Tensor<double> forward(const Tensor<double>& x) const { return second.forward(relu(first.forward(x))); }
};

inline std::vector<std::string> names_of(nn::Module<double>& module) {
  std::vector<std::string> names;
  module.for_each_parameter([&](const std::string& name, const auto&) { names.push_back(name); });
  return names;
}

inline const std::vector<std::string> pair_names{"first.weight", "first.bias", "second.weight",
                                                 "second.bias"};

}  // namespace memsizer::test
