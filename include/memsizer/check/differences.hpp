#pragma once
// Derivatives by differences of a function's values, along a direction of one input.

#include <functional>
#include <vector>

#include "memsizer/autograd/record.hpp"

namespace memsizer::check {

/// A function of double tensors. It captures anything else that it needs (tokens, lengths).
using Function = std::function<Tensor<double>(const std::vector<Tensor<double>>&)>;

namespace detail {

/// Moves one input's values along a direction while it lives.
class PerturbedInput {
 public:
  explicit PerturbedInput(Tensor<double> input) : input_(std::move(input)), values_(input_.to_vector()) {}
  ~PerturbedInput() { input_.copy_from(values_); }
  void along(const std::vector<double>& direction, double distance) {
    std::vector<double> moved = values_;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += distance * direction[i];
    input_.copy_from(moved);
  }

 private:
  Tensor<double> input_;
  std::vector<double> values_;
};

/// The number whose derivatives are taken: sum(cotangent * function(inputs)).
struct WeightedSum {
  const Function& function;
  const std::vector<Tensor<double>>& inputs;
  const std::vector<double>& cotangent;
};

/// The derivative of a weighted sum along a direction of one input, by the five-point formula: error
/// O(step^4).
inline double directional_difference(const WeightedSum& of, int input, const std::vector<double>& direction,
                                     double step) {
  const Tape::Pause pause;
  PerturbedInput perturbed(of.inputs[static_cast<std::size_t>(input)].detach());
  const auto values_at = [&](double distance) {
    perturbed.along(direction, distance);
    return of.function(of.inputs).to_vector();
  };
  const auto above = values_at(step), below = values_at(-step), far_above = values_at(2 * step),
             far_below = values_at(-2 * step);
  double sum = 0;
  for (std::size_t i = 0; i < of.cotangent.size(); ++i)
    sum += of.cotangent[i] * (8 * (above[i] - below[i]) - (far_above[i] - far_below[i]));
  return sum / (12 * step);
}

/// A derivative from differences with several steps, and how far it may be from the true one.
struct Extrapolation {
  double value;
  double error;
};

/// Richardson's extrapolation of the five-point formula from the steps h, h / 2 and h / 4. The formula gives
///   D(h) = f' + a h^4 + b h^6 + ..,
/// so (16 D(h/2) - D(h)) / 15 is free of a, and a second such step is free of b too. The error is the change
/// that the second step makes. But if halving the step does not bring the differences nearer to each other,
/// about 16-fold where h^4 prevails, there is no such series: a kink may be within two steps. The error is
/// then the distance of the last two differences. `at_full_step` is D(h).
inline Extrapolation extrapolated_difference(const WeightedSum& of, int input,
                                             const std::vector<double>& direction, double step,
                                             double at_full_step) {
  const double at_half = directional_difference(of, input, direction, step / 2),
               at_quarter = directional_difference(of, input, direction, step / 4);
  const double first = (16 * at_half - at_full_step) / 15, second = (16 * at_quarter - at_half) / 15;
  const double value = (64 * second - first) / 63;
  const double change = std::abs(at_half - at_quarter);
  const bool follows_the_series = change <= std::abs(at_full_step - at_half) / 8;
  return {value, follows_the_series ? std::abs(value - second) : change};
}

}  // namespace detail

}  // namespace memsizer::check
