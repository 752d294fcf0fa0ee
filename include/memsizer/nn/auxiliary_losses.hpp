#pragma once
// Losses that layers add to the model's loss, such as one that balances experts or a penalty on a memory.

#include <string>
#include <type_traits>
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
    of<A>(*this).push_back({std::move(name), std::move(loss)});
  }

  /// The losses of type A, in the order in which they were added.
  template <class A>
  const std::vector<Loss<A>>& all() const {
    return of<A>(*this);
  }

 private:
  template <class A, class Self>
  static auto& of(Self& self) {
    static_assert(std::is_same_v<A, float> || std::is_same_v<A, double>,
                  "auxiliary losses are float or double");
    if constexpr (std::is_same_v<A, float>)
      return self.floats_;
    else
      return self.doubles_;
  }

  std::vector<Loss<float>> floats_;
  std::vector<Loss<double>> doubles_;
};

}  // namespace memsizer::nn
