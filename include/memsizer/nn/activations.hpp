#pragma once
// Activation functions and dropout as modules, for Sequential. Functions of the same names in ops/ do the
// work.

#include "memsizer/nn/module.hpp"
#include "memsizer/nn/sequence.hpp"

namespace memsizer::nn {

/// max(x, 0)
template <class T = float>
class ReLU : public Module<T> {
 public:
  Tensor<T> forward(const Tensor<T>& x) const { return relu(x); }
};

/// x Phi(x), where Phi is the standard normal distribution (Hendrycks and Gimpel 2016, arXiv 1606.08415).
template <class T = float>
class GELU : public Module<T> {
 public:
  Tensor<T> forward(const Tensor<T>& x) const { return gelu(x); }
};

template <class T = float>
class Tanh : public Module<T> {
 public:
  Tensor<T> forward(const Tensor<T>& x) const { return tanh(x); }
};

/// 1 / (1 + exp(-x))
template <class T = float>
class Sigmoid : public Module<T> {
 public:
  Tensor<T> forward(const Tensor<T>& x) const { return sigmoid(x); }
};

/// exp(x_i) / sum_j exp(x_j) along an axis, the last by default.
template <class T = float>
class Softmax : public Module<T> {
 public:
  explicit Softmax(Index axis = -1) : axis_(axis) {}
  Tensor<T> forward(const Tensor<T>& x) const { return softmax(x, axis_); }

 private:
  Index axis_;
};

/// In training, 0 with this probability and else x / (1 - probability); outside training x. It draws by the
/// step's key and its own full name: StepKey gives a step its key, and a ParameterStore the layer its name.
template <class T = float>
class Dropout : public Module<T> {
 public:
  /// InputError unless 0 <= probability < 1.
  explicit Dropout(double probability = 0.5) : probability_(probability) {
    require(probability >= 0 && probability < 1,
            "Dropout: a probability of 0 to 1 (1 excluded) expected, got ", probability);
  }
  Tensor<T> forward(const Tensor<T>& x, const Sequence& step) const {
    const memsizer::Dropout dropout = step.dropout(probability_, this->stream("dropout"));
    if (!dropout) return x;
    require(this->has_path(),
            "Dropout: this layer has no name, by which it draws; register it within a module by child(), and "
            "hold the outermost one in a ParameterStore, or call set_path(\"name\")");
    return memsizer::dropout(x, dropout);
  }

 private:
  double probability_;
};

}  // namespace memsizer::nn
