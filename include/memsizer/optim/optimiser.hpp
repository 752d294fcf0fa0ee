#pragma once
// Optimisers over a model's flat weights and gradients.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer::optim {

/// What is common to all: the gradient's norm, clipping and the update run on the device one after the other,
/// and the host reads nothing back unless asked. Weights and gradients are flat tensors of one shape, as a
/// ParameterStore holds them; they are shared, not copied.
template <class T>
class Optimiser {
 public:
  using A = Accumulate<T>;

  /// What a checkpoint holds beside the weights and steps(): one number for each weight.
  struct State {
    std::string name;
    Tensor<A> values;
  };

  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;
  virtual ~Optimiser() = default;

  /// One update with the gradient g min(1, clip / (|g| + 1e-6)), or g where clip is 0. Where |g| is not
  /// finite, weights and states stay as they were.
  void step(double learning_rate, double clip = 0) {
    ++steps_;
    const OptimiserStep<A> next{.learning_rate = static_cast<A>(learning_rate),
                                .step = static_cast<A>(steps_)};
    device().memory().from_host(device().context(), step_.data(), &next, sizeof(next));
    const OptimiserKernels<T>& kernels = this->kernels();
    launch(device(), "gradient_norm", kernels.gradient_norm, norm_.data(), gradients_.data(),
           gradients_.size());
    launch(device(), "clip", kernels.clip, device_step(), norm_.data(), clip);
    update();
  }

  /// |g| of the last step before clipping, read from the device; not finite if g was not.
  double gradient_norm() const { return norm_.item(); }

  /// How many steps were taken; a checkpoint restores it.
  Index steps() const { return steps_; }
  void set_steps(Index steps) {
    require(steps >= 0, "optimiser: ", steps, " steps");
    steps_ = steps;
  }

  /// Handles of the states: to restore one, copy into it.
  const std::vector<State>& states() const { return states_; }

 protected:
  /// InputError where weights and gradients differ in shape.
  Optimiser(Tensor<T> weights, Tensor<A> gradients, std::initializer_list<const char*> states)
      : weights_(weights.detach()),
        gradients_(gradients.detach()),
        norm_(Tensor<A>::zeros({1}, weights.device())),
        step_(weights.device(), sizeof(OptimiserStep<A>)) {
    require(weights.shape() == gradients.shape(), "optimiser: weights of shape ", weights.shape(),
            ", gradients of shape ", gradients.shape());
    for (const char* name : states)
      states_.push_back({name, Tensor<A>::zeros(weights.shape(), weights.device())});
  }

  virtual void update() = 0;

  Device& device() const { return weights_.device(); }
  const OptimiserKernels<T>& kernels() const { return weights_.kernels().optimiser; }
  Index size() const { return weights_.size(); }
  T* weights() const { return weights_.data(); }
  const A* gradients() const { return gradients_.data(); }
  A* state(std::size_t i) const { return states_[i].values.data(); }
  OptimiserStep<A>* device_step() const { return static_cast<OptimiserStep<A>*>(step_.data()); }

 private:
  Tensor<T> weights_;
  Tensor<A> gradients_;
  Tensor<A> norm_;
  Storage step_;
  std::vector<State> states_;
  Index steps_ = 0;
};

/// Adam (Kingma and Ba 2015, arXiv 1412.6980), with L2 regularisation in the gradient where weight_decay is
/// not 0:
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
///   weight -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
template <class T>
class Adam : public Optimiser<T> {
 public:
  /// InputError where a setting is out of its range.
  Adam(Tensor<T> weights, Tensor<Accumulate<T>> gradients, const AdamSettings& settings = {})
      : Optimiser<T>(std::move(weights), std::move(gradients), {"first_moment", "second_moment"}),
        settings_(settings) {
    require(settings.beta1 >= 0 && settings.beta1 < 1 && settings.beta2 >= 0 && settings.beta2 < 1,
            "Adam: betas in 0 .. 1 (1 excluded) expected, got ", settings.beta1, " and ", settings.beta2);
    // A weight that never had a gradient would become 0 / (0 + 0).
    require(static_cast<Accumulate<T>>(settings.epsilon) > 0, "Adam: epsilon above 0 expected, got ",
            settings.epsilon);
    require(settings.weight_decay >= 0, "Adam: weight decay of at least 0 expected, got ",
            settings.weight_decay);
  }

 private:
  void update() override {
    launch(this->device(), "adam", this->kernels().adam, this->weights(), nullptr, this->state(0),
           this->state(1), this->gradients(), this->device_step(), this->size(), settings_);
  }

  AdamSettings settings_;
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101): before Adam's update,
/// weight -= rate weight_decay weight.
template <class T>
class AdamW : public Adam<T> {
 public:
  AdamW(Tensor<T> weights, Tensor<Accumulate<T>> gradients, AdamSettings settings = {.weight_decay = 0.01})
      : Adam<T>(std::move(weights), std::move(gradients), decoupled(settings)) {}

 private:
  static AdamSettings decoupled(AdamSettings settings) {
    settings.decoupled = true;
    return settings;
  }
};

/// Stochastic gradient descent with Nesterov momentum (Sutskever et al. 2013), in PyTorch's form:
///   velocity = momentum velocity + g,  weight -= rate (g + momentum velocity).
template <class T>
class NesterovSgd : public Optimiser<T> {
 public:
  /// InputError where a setting is out of its range.
  NesterovSgd(Tensor<T> weights, Tensor<Accumulate<T>> gradients, const NesterovSettings& settings = {})
      : Optimiser<T>(std::move(weights), std::move(gradients), {"velocity"}), settings_(settings) {
    require(settings.momentum >= 0 && settings.momentum < 1,
            "NesterovSgd: momentum in 0 .. 1 (1 excluded) expected, got ", settings.momentum);
    require(settings.weight_decay >= 0, "NesterovSgd: weight decay of at least 0 expected, got ",
            settings.weight_decay);
  }

 private:
  void update() override {
    launch(this->device(), "nesterov", this->kernels().nesterov, this->weights(), nullptr, this->state(0),
           this->gradients(), this->device_step(), this->size(), settings_);
  }

  NesterovSettings settings_;
};

}  // namespace memsizer::optim
