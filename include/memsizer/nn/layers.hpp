#pragma once
// The linear layer, layer normalisation and the embedding table as modules.

#include "memsizer/nn/module.hpp"

namespace memsizer::nn {

/// The first values of a linear layer.
struct LinearStart {
  Initialiser weight, bias;
};

/// GPT-2's first values. `factor` multiplies the deviation of the weights.
inline LinearStart gpt2_start(double factor = 1) {
  return {normal(gpt2_deviation * factor), zeros()};
}

/// y = activation(x weight^T + bias), weight [outputs, inputs], x [..., inputs].
template <class T = float>
class Linear : public Module<T> {
 public:
  /// Begins as PyTorch's: weight and bias uniform in +-inputs^-1/2.
  Linear(Index inputs, Index outputs)
      : Linear(inputs, outputs, fan_in_uniform(inputs), fan_in_uniform(inputs)) {}
  Linear(Index inputs, Index outputs, const LinearStart& start)
      : Linear(inputs, outputs, start.weight, start.bias) {}
  Linear(Index inputs, Index outputs, Initialiser weight_start, Initialiser bias_start)
      : weight(this->parameter("weight", {outputs, inputs}, weight_start)),
        bias_(&this->parameter("bias", {outputs}, bias_start)) {}

  /// A layer without a bias.
  Linear(Index inputs, Index outputs, Initialiser weight_start)
      : weight(this->parameter("weight", {outputs, inputs}, weight_start)) {}

  Tensor<T> forward(const Tensor<T>& x, Activation activation = Activation::none) const {
    return linear(x, weight.tensor(), bias_ == nullptr ? Tensor<T>() : bias_->tensor(), activation);
  }

  ParameterMember<T> weight;

 private:
  Parameter<T>* bias_ = nullptr;
};

/// Layer normalisation over the last axis. The weight begins as 1 unless `weight_start` says otherwise, the
/// bias as 0.
template <class T = float>
class LayerNorm : public Module<T> {
 public:
  explicit LayerNorm(Index dim, double epsilon = 1e-5, Initialiser weight_start = ones())
      : weight_(this->parameter("weight", {dim}, weight_start)),
        bias_(this->parameter("bias", {dim}, zeros())),
        epsilon_(epsilon) {}

  Tensor<T> forward(const Tensor<T>& x) const { return layer_norm<T>(x, weight_, bias_, epsilon_); }

 private:
  ParameterMember<T> weight_, bias_;
  double epsilon_;
};

/// A table [rows, dim] with a vector for each token or position. Its weight may also serve as the output
/// layer.
template <class T = float>
class Embedding : public Module<T> {
 public:
  /// Begins as PyTorch's, N(0, 1), unless `start` says otherwise.
  Embedding(Index rows, Index dim, Initialiser start = normal(1))
      : weight(this->parameter("weight", {rows, dim}, start)) {}

  /// The vectors of ids [...]: [..., dim].
  Tensor<T> forward(const Tensor<Id>& ids) const { return embedding(ids, weight.tensor()); }

  ParameterMember<T> weight;
};

}  // namespace memsizer::nn
