#pragma once
// Modules one after the other, as one module.

#include "memsizer/base/unique_function.hpp"
#include "memsizer/nn/activations.hpp"
#include "memsizer/nn/layers.hpp"

namespace memsizer::nn {

/// A layer that takes x alone, or x and what it must know of the step: Dropout needs that.
template <class Layer, class T>
concept LayerOf = std::derived_from<Layer, Module<T>> &&(
    requires(const Layer& layer, const Tensor<T>& x) { layer.forward(x); } ||
    requires(const Layer& layer, const Tensor<T>& x) { layer.forward(x, Sequence{}); });

/// Layers applied in order. They are named "0", "1" and so on, as in PyTorch. Example:
///   nn::Sequential<float> net(nn::Linear<float>(2, 64), nn::ReLU<float>(), nn::Linear<float>(64, 3));
///   nn::ParameterStore<float> store(net, 1);
///   const Tensor<float> logits = net.forward(x);
template <class T = float>
class Sequential : public Module<T> {
 public:
  Sequential() = default;

  template <class First, class... Rest>
  requires LayerOf<First, T> &&(LayerOf<Rest, T>&&...) explicit Sequential(First first, Rest... rest) {
    append(std::move(first));
    (append(std::move(rest)), ...);
  }

  /// Adds a layer at the end. Do so before a ParameterStore holds this module.
  template <class Layer>
  requires LayerOf<Layer, T> Sequential& append(Layer layer) {
    auto owned = std::make_shared<Layer>(std::move(layer));
    this->child(std::to_string(layers_.size()), *owned);
    layers_.push_back([owned](const Tensor<T>& x, const Sequence& step) {
      if constexpr (requires { owned->forward(x, step); })
        return owned->forward(x, step);
      else
        return owned->forward(x);
    });
    return *this;
  }

  std::size_t size() const { return layers_.size(); }

  /// The last layer's output. `step` says whether the model is trained, for Dropout.
  Tensor<T> forward(const Tensor<T>& x, const Sequence& step = {}) const {
    Tensor<T> y = x;
    for (const auto& layer : layers_) y = layer(y, step);
    return y;
  }

 private:
  std::vector<UniqueFunction<Tensor<T>(const Tensor<T>&, const Sequence&)>> layers_;
};

}  // namespace memsizer::nn
