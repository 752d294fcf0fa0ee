#pragma once
// Optimisers over a model's flat parameters.

#include <algorithm>
#include <limits>
#include <optional>

#include "memsizer/base/linkage.hpp"
#include "memsizer/optim/parameter_list.hpp"

namespace memsizer::optim {

/// The common part of all optimisers. The gradient's norm, clipping and the update run on the device one
/// after the other, and the host reads nothing back unless asked. The arrays are shared with their owner (for
/// example a nn::ParameterStore), not copied.
///
/// A failure is sticky. A step fails if its gradient or its loss is not finite. That step and all later ones
/// change nothing, neither weights nor moments, until reset_failure(). So a host that reads failed_step()
/// every hundred steps finds everything as it was before the step that failed.
template <class T>
class Optimiser {
 public:
  using A = Accumulate<T>;
  using State = Moment<A>;

  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;
  virtual ~Optimiser() = default;

  /// One update with the gradient g min(1, clip / (|g| + 1e-6)), or g if clip is 0. `loss` points to a number
  /// in device memory that must be finite as well; null: no loss. The host reads nothing from the device.
  /// InputError if the learning rate or clip is negative, or not finite in the type that computes.
  void step(double learning_rate, double clip = 0, const A* loss = nullptr);
  /// The same with the learning rate that the optimiser was made with; InputError if it has none.
  void step() {
    require(learning_rate_.has_value(),
            "optimiser: it was made without a learning rate: give one, as in adam.step(1e-3)");
    step(*learning_rate_);
  }

  /// |g| of the last step before clipping, read from the device. It is not finite if g was not.
  double gradient_norm() const { return norm_.item(); }
  /// The same number [1] on the device.
  const Tensor<A>& device_gradient_norm() const { return norm_; }

  /// The number of the first step that failed, counted as in steps(); 0 if none has failed. Read from the
  /// device.
  Index failed_step() const { return failed_step_.item(); }
  /// Clears the failure: from the next step on, updates change the weights again.
  void reset_failure() { failed_step_.fill(0); }

  /// Whether these are the parameters that it updates.
  bool trains(const FlatParameters<T>& parameters) const {
    return parameters_.weights().data() == parameters.weights().data();
  }

  /// The number of steps taken; a checkpoint restores it.
  Index steps() const { return steps_; }
  void set_steps(Index steps) {
    require(steps >= 0, "optimiser: ", steps, " steps");
    steps_ = steps;
  }

  /// Handles to the moments, which a checkpoint holds beside the weights and steps(). To restore a moment,
  /// copy into its handle.
  const std::vector<State>& states() const { return states_; }

 protected:
  /// InputError if there are no gradients or the segments do not fit.
  Optimiser(FlatParameters<T>& parameters, std::vector<Segment> segments,
            std::initializer_list<const char*> states);

  /// InputError, whose text begins with the optimiser's name, unless both numbers, and their products with
  /// the factors of every segment, are at least 0 and finite.
  void check_factors(const char* optimiser, double rate_factor, double weight_decay);

  /// The learning rate of step(); InputError as there.
  void set_learning_rate(double learning_rate);

  /// Updates the parameters of one segment.
  virtual void update(const Segment& segment) = 0;

  Device& device() const { return parameters_.device(); }
  const OptimiserKernels<T>& kernels() const { return parameters_.weights().kernels().optimiser; }
  T* weights(const Segment& segment) const { return parameters_.weights().data() + segment.offset; }
  A* masters(const Segment& segment) const {
    return accumulates_itself<T> ? nullptr : parameters_.masters().data() + segment.offset;
  }
  const A* gradients(const Segment& segment) const { return parameters_.gradients().data() + segment.offset; }
  A* state(std::size_t i, const Segment& segment) const { return states_[i].values.data() + segment.offset; }
  OptimiserStep<A>* device_step() const { return static_cast<OptimiserStep<A>*>(step_.data()); }

 private:
  FlatParameters<T> parameters_;
  std::vector<Segment> segments_;
  Tensor<A> norm_;
  Tensor<Index> failed_step_;
  Storage step_;
  std::vector<State> states_;
  Index steps_ = 0;
  double largest_rate_factor_ = 1;
  std::optional<double> learning_rate_;
};

namespace detail {

/// Whether kernels that compute in A can use the number: 1e300 is a finite double, but infinite as a float.
template <class A>
bool is_finite_and_not_negative(double number) {
  return number >= 0 && number <= static_cast<double>(std::numeric_limits<A>::max());
}

/// Whether a moment that keeps this part of itself forgets: 1 - 1e-9 is below 1, but 1 as a float.
template <class A>
bool is_below_one(double part) {
  return part >= 0 && static_cast<A>(std::min(part, 1.0)) < 1;
}

template <class A>
void require_finite(const char* optimiser, const char* setting, double value) {
  require(is_finite_and_not_negative<A>(value), optimiser, ": a finite ", setting,
          " of at least 0 expected, got ", value,
          std::isfinite(value) && value > 0 ? ", which is infinite as a float" : "");
}

}  // namespace detail

#if MEMSIZER_CORE_HAS_BODIES
template <class T>
Optimiser<T>::Optimiser(FlatParameters<T>& parameters, std::vector<Segment> segments,
                        std::initializer_list<const char*> states)
    : parameters_(parameters),
      segments_(checked_segments(std::move(segments), parameters.size())),
      norm_(Tensor<A>::zeros({1}, parameters.device())),
      failed_step_(Tensor<Index>::zeros({1}, parameters.device())),
      step_(parameters.device(), sizeof(OptimiserStep<A>)) {
  require(parameters.gradients().defined(), "optimiser: parameters with gradients expected");
  for (const char* name : states) states_.push_back({name, parameters.make_moment(name)});
}

template <class T>
void Optimiser<T>::step(double learning_rate, double clip, const A* loss) {
  detail::require_finite<A>("optimiser", "learning rate", learning_rate);
  detail::require_finite<A>("optimiser", "product of learning rate and rate_factor",
                            learning_rate * largest_rate_factor_);
  require(std::isfinite(clip) && clip >= 0, "optimiser: a clip of at least 0 expected, got ", clip);
  ++steps_;
  const OptimiserStep<A> next{.learning_rate = static_cast<A>(learning_rate), .step = steps_};
  device().memory().from_host(device().context(), step_.data(), &next, sizeof(next));
  const OptimiserKernels<T>& kernels = this->kernels();
  launch(device(), "gradient_norm", kernels.gradient_norm, norm_.data(), parameters_.gradients().data(),
         parameters_.size());
  launch(device(), "clip", kernels.clip, device_step(), failed_step_.data(), norm_.data(), loss, clip);
  for (const Segment& segment : segments_) update(segment);
  parameters_.weights().mark_changed();
}

template <class T>
void Optimiser<T>::set_learning_rate(double learning_rate) {
  detail::require_finite<A>("optimiser", "learning rate", learning_rate);
  learning_rate_ = learning_rate;
}

template <class T>
void Optimiser<T>::check_factors(const char* optimiser, double rate_factor, double weight_decay) {
  detail::require_finite<A>(optimiser, "rate_factor", rate_factor);
  detail::require_finite<A>(optimiser, "weight_decay", weight_decay);
  largest_rate_factor_ = 0;
  for (const Segment& segment : segments_) {
    detail::require_finite<A>(optimiser, "product of rate_factor and a segment's",
                              rate_factor * segment.rate_factor);
    detail::require_finite<A>(optimiser, "product of weight_decay and a segment's decay",
                              weight_decay * segment.decay);
    largest_rate_factor_ = std::max(largest_rate_factor_, rate_factor * segment.rate_factor);
  }
}
#endif

/// Adam (Kingma and Ba 2015, arXiv 1412.6980), with L2 regularisation in the gradient if weight_decay is not
/// 0:
///   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2,
///   weight -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
template <class T>
class Adam : public Optimiser<T> {
 public:
  using A = Accumulate<T>;

  /// InputError where a setting is out of its range.
  explicit Adam(FlatParameters<T>& parameters, const AdamSettings& settings = {},
                std::vector<Segment> segments = {});
  explicit Adam(FlatParameters<T>&& parameters, const AdamSettings& settings = {},
                std::vector<Segment> segments = {})
      : Adam(parameters, settings, std::move(segments)) {}
  /// Of flat arrays of one shape.
  Adam(const Tensor<T>& weights, const Tensor<A>& gradients, const AdamSettings& settings = {})
      : Adam(FlatParameters<T>(weights, gradients), settings) {}
  /// Of the parameters that a module lists, which a ParameterStore holds: Adam<float> adam(net.parameters(),
  /// 1e-3). Each step() then has this learning rate. The store's other parameters stay as they are, but their
  /// gradients count in the norm. InputError for parameters of no store, or of two.
  template <class Parameter>
  Adam(const std::vector<Parameter*>& parameters, double learning_rate, const AdamSettings& settings = {})
      : Adam(listed_parameters<T>(parameters), settings) {
    this->set_learning_rate(learning_rate);
  }

 private:
  Adam(ListedParameters<T> listed, const AdamSettings& settings)
      : Adam(listed.parameters, settings, std::move(listed.segments)) {}

  void update(const Segment& segment) override {
    AdamSettings settings = settings_;
    settings.weight_decay *= segment.decay;
    settings.rate_factor *= segment.rate_factor;
    launch(this->device(), "adam", this->kernels().adam, this->weights(segment), this->masters(segment),
           this->state(0, segment), this->state(1, segment), this->gradients(segment), this->device_step(),
           segment.length, settings);
  }

  AdamSettings settings_;
};

#if MEMSIZER_CORE_HAS_BODIES
template <class T>
Adam<T>::Adam(FlatParameters<T>& parameters, const AdamSettings& settings, std::vector<Segment> segments)
    : Optimiser<T>(parameters, std::move(segments), {"first_moment", "second_moment"}), settings_(settings) {
  require(detail::is_below_one<A>(settings.beta1) && detail::is_below_one<A>(settings.beta2),
          "Adam: betas in 0 .. 1 (1 excluded) expected, got ", settings.beta1, " and ", settings.beta2);
  // A weight that never had a gradient would become 0 / (0 + 0).
  detail::require_finite<A>("Adam", "epsilon", settings.epsilon);
  require(static_cast<A>(settings.epsilon) > 0, "Adam: epsilon above 0 expected, got ", settings.epsilon);
  this->check_factors("Adam", settings.rate_factor, settings.weight_decay);
}
#endif

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101): before Adam's update,
/// weight -= rate weight_decay weight.
template <class T>
class AdamW : public Adam<T> {
 public:
  using A = Accumulate<T>;
  static constexpr AdamSettings default_settings{.weight_decay = 0.01};

  explicit AdamW(FlatParameters<T>& parameters, const AdamSettings& settings = default_settings,
                 std::vector<Segment> segments = {})
      : Adam<T>(parameters, decoupled(settings), std::move(segments)) {}
  AdamW(const Tensor<T>& weights, const Tensor<A>& gradients, const AdamSettings& settings = default_settings)
      : Adam<T>(weights, gradients, decoupled(settings)) {}
  template <class Parameter>
  AdamW(const std::vector<Parameter*>& parameters, double learning_rate,
        const AdamSettings& settings = default_settings)
      : Adam<T>(parameters, learning_rate, decoupled(settings)) {}

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
  using A = Accumulate<T>;

  /// InputError where a setting is out of its range.
  explicit NesterovSgd(FlatParameters<T>& parameters, const NesterovSettings& settings = {},
                       std::vector<Segment> segments = {})
      : Optimiser<T>(parameters, std::move(segments), {"velocity"}), settings_(settings) {
    require(detail::is_below_one<A>(settings.momentum),
            "NesterovSgd: momentum in 0 .. 1 (1 excluded) expected, got ", settings.momentum);
    this->check_factors("NesterovSgd", settings.rate_factor, settings.weight_decay);
  }
  explicit NesterovSgd(FlatParameters<T>&& parameters, const NesterovSettings& settings = {},
                       std::vector<Segment> segments = {})
      : NesterovSgd(parameters, settings, std::move(segments)) {}
  /// Of flat arrays of one shape.
  NesterovSgd(const Tensor<T>& weights, const Tensor<A>& gradients, const NesterovSettings& settings = {})
      : NesterovSgd(FlatParameters<T>(weights, gradients), settings) {}
  /// As Adam's.
  template <class Parameter>
  NesterovSgd(const std::vector<Parameter*>& parameters, double learning_rate,
              const NesterovSettings& settings = {})
      : NesterovSgd(listed_parameters<T>(parameters), settings) {
    this->set_learning_rate(learning_rate);
  }

 private:
  NesterovSgd(ListedParameters<T> listed, const NesterovSettings& settings)
      : NesterovSgd(listed.parameters, settings, std::move(listed.segments)) {}

  void update(const Segment& segment) override {
    NesterovSettings settings = settings_;
    settings.weight_decay *= segment.decay;
    settings.rate_factor *= segment.rate_factor;
    launch(this->device(), "nesterov", this->kernels().nesterov, this->weights(segment),
           this->masters(segment), this->state(0, segment), this->gradients(segment), this->device_step(),
           segment.length, settings);
  }

  NesterovSettings settings_;
};

}  // namespace memsizer::optim
