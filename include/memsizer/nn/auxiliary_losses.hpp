#pragma once
// Losses that layers add to the model's loss, such as one that balances experts or a penalty on a memory.

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer::nn {

/// Named scalars on the tape, each already multiplied by its weight. Layers add them in their forward, and
/// the model's loss sums them up. They are float or double, like the model's loss.
class AuxiliaryLosses {
 public:
  template <class A>
  struct Loss {
    std::string name;
    Tensor<A> value;
  };

  /// Adds a loss. InputError unless it is one number.
  template <class A>
  void add(std::string name, Tensor<A> loss) {
    require(loss.size() == 1, "auxiliary loss ", name, ": one number expected, got shape ", loss.shape());
    std::get<std::vector<Loss<A>>>(losses_).push_back({std::move(name), std::move(loss)});
  }

  /// The losses of type A, in the order in which they were added.
  template <class A>
  const std::vector<Loss<A>>& all() const {
    return std::get<std::vector<Loss<A>>>(losses_);
  }

 private:
  std::tuple<std::vector<Loss<float>>, std::vector<Loss<double>>> losses_;
};

}  // namespace memsizer::nn
