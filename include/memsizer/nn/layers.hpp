#pragma once
// The linear layer, layer normalisation and the embedding table as modules.

#include "memsizer/nn/module.hpp"

namespace memsizer::nn {

/// How a linear layer begins.
struct LinearStart {
  Initialiser weight, bias;
};

/// GPT-2's; `factor` multiplies the deviation.
inline LinearStart gpt2_start(double factor = 1) {
  return {normal(gpt2_deviation * factor), zeros()};
}

/// y = activation(x weight^T + bias), weight [outputs, inputs].
template <class T>
class Linear : public Module<T> {
 public:
  Linear(Index inputs, Index outputs, const LinearStart& start)
      : Linear(inputs, outputs, start.weight, start.bias) {}
  Linear(Index inputs, Index outputs, Initialiser weight_start, Initialiser bias_start)
      : weight(this->parameter("weight", {outputs, inputs}, weight_start)),
        bias_(&this->parameter("bias", {outputs}, bias_start)) {}

  /// Without a bias.
  Linear(Index inputs, Index outputs, Initialiser weight_start)
      : weight(this->parameter("weight", {outputs, inputs}, weight_start)) {}

  Tensor<T> forward(const Tensor<T>& x, Activation activation = Activation::none) const {
    return linear(x, weight.tensor(), bias_ == nullptr ? Tensor<T>() : bias_->tensor(), activation);
  }

  Parameter<T>& weight;

 private:
  Parameter<T>* bias_ = nullptr;
};

/// Layer normalisation over the last axis; begins as weight 1, bias 0.
template <class T>
class LayerNorm : public Module<T> {
 public:
  explicit LayerNorm(Index dim, double epsilon = 1e-5)
      : weight_(this->parameter("weight", {dim}, ones())),
        bias_(this->parameter("bias", {dim}, zeros())),
        epsilon_(epsilon) {}

  Tensor<T> forward(const Tensor<T>& x) const { return layer_norm<T>(x, weight_, bias_, epsilon_); }

 private:
  Parameter<T>& weight_;
  Parameter<T>& bias_;
  double epsilon_;
};

/// A table of vectors, one a token or position; its weight may also serve as the output layer.
template <class T>
class Embedding : public Module<T> {
 public:
  Embedding(Index rows, Index dim, Initialiser start)
      : weight(this->parameter("weight", {rows, dim}, start)) {}

  Parameter<T>& weight;
};

}  // namespace memsizer::nn
