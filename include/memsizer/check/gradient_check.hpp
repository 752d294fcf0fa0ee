#pragma once
// The gradient checker: it compares the backward of any function of tensors with differences of its values.
//
//     auto report = check::check_gradient([](const auto& x) { return softmax(x[0]); }, {x});
//     if (!report.passed()) std::cout << report;

#include <functional>
#include <numeric>
#include <ostream>

#include "memsizer/autograd/record.hpp"
#include "memsizer/base/random.hpp"
#include "memsizer/check/crash_message.hpp"

namespace memsizer::check {

struct GradientOptions {
  double tolerance = 1e-7;  // largest error, relative to the largest derivative of the input
  double step = 1e-3;       // of the differences; kinks must be more than two steps away
  /// Inputs up to this size are checked in every element, larger inputs along random directions.
  Index every_element = 64;
  int directions = 3;
  std::uint64_t seed = 1;
};

/// The worst disagreement found.
struct GradientReport {
  double error = 0;  // relative; NaN if a gradient or value is not a number
  double tolerance = 0;
  int input = -1;     // which input
  std::string place;  // which element or direction of the input
  double analytic = 0, numeric = 0;

  /// NaN fails.
  bool passed() const { return error <= tolerance; }

  friend std::ostream& operator<<(std::ostream& out, const GradientReport& report) {
    out << "error " << report.error << " (tolerance " << report.tolerance << ')';
    if (report.input >= 0)
      out << " at input " << report.input << ", " << report.place << ": backward gives " << report.analytic
          << ", differences give " << report.numeric;
    return out;
  }
};

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

/// d sum(cotangent * f) along a direction of one input, by the five-point formula: error O(step^4).
inline double directional_difference(const Function& function, const std::vector<Tensor<double>>& inputs,
                                     int input, const std::vector<double>& direction,
                                     const std::vector<double>& cotangent, double step) {
  const Tape::Pause pause;
  PerturbedInput perturbed(inputs[static_cast<std::size_t>(input)].detach());
  const auto values_at = [&](double distance) {
    perturbed.along(direction, distance);
    return function(inputs).to_vector();
  };
  const auto above = values_at(step), below = values_at(-step), far_above = values_at(2 * step),
             far_below = values_at(-2 * step);
  double sum = 0;
  for (std::size_t i = 0; i < cotangent.size(); ++i)
    sum += cotangent[i] * (8 * (above[i] - below[i]) - (far_above[i] - far_below[i]));
  return sum / (12 * step);
}

inline std::vector<double> random_normal(Index n, RandomStream& random) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (double& value : values) value = random.normal();
  return values;
}

struct Comparison {
  int input;
  std::string place;
  double analytic, numeric;
};

/// A number for each element of each input.
using Gradients = std::vector<std::vector<double>>;

/// The state in which backward finds the gradients. Either it is the first contribution and must overwrite
/// the old contents (NaN here), or there are earlier contributions and it must add to them (random numbers
/// here).
enum class Arrival { first, later };

/// The contribution of one backward to each input's gradient, and the conditions under which it ran.
struct Contributions {
  Gradients gradients;
  std::string place;  // ", where it must add to a gradient"
  int unwanted = -1;  // the input that required no gradient
};

/// The contribution of backward to the gradients of sum(function * cotangent). An empty cotangent is drawn at
/// random. One input may require no gradient: then the backward finds a null Output, and must leave it alone.
inline Gradients contributions(const Function& function, std::vector<Tensor<double>>& inputs, Arrival arrival,
                               int unwanted, std::vector<double>& cotangent, RandomStream& random) {
  const bool first = arrival == Arrival::first;
  Gradients before, after;
  for (Tensor<double>& input : inputs) {
    before.push_back(first ? std::vector<double>(static_cast<std::size_t>(input.size()), std::nan(""))
                           : random_normal(input.size(), random));
    const Tensor<double> place(input.shape(), before.back(), input.device());
    input.set_slot(
        std::make_shared<GradientSlot<double>>(GradientSlot<double>{.value = place, .written = !first}));
  }
  if (unwanted >= 0) inputs[static_cast<std::size_t>(unwanted)].set_slot(nullptr);
  const CrashMessage message(unwanted);
  Tape tape;
  const Tensor<double> output = function(inputs);
  if (cotangent.empty()) cotangent = random_normal(output.size(), random);
  if (output.requires_gradient())
    tape.backward(output, Tensor<double>(output.shape(), cotangent, output.device()));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool arrived = inputs[i].requires_gradient() && inputs[i].slot()->written;
    after.push_back(arrived ? inputs[i].gradient().to_vector() : std::vector<double>(before[i].size()));
    for (std::size_t j = 0; arrived && !first && j < before[i].size(); ++j) after[i][j] -= before[i][j];
  }
  return after;
}

/// Runs the backward in all conditions: as the first contribution, as one that must add, and once for each of
/// several inputs with no gradient for this input.
inline std::vector<Contributions> all_contributions(const Function& function,
                                                    std::vector<Tensor<double>>& inputs,
                                                    std::vector<double>& cotangent, RandomStream& random) {
  std::vector<Contributions> all;
  all.push_back({contributions(function, inputs, Arrival::first, -1, cotangent, random), ""});
  all.push_back({contributions(function, inputs, Arrival::later, -1, cotangent, random),
                 ", where it must add to a gradient"});
  for (int i = 0; inputs.size() > 1 && i < static_cast<int>(inputs.size()); ++i)
    all.push_back({contributions(function, inputs, Arrival::first, i, cotangent, random),
                   concatenate(", where input ", i, " wants no gradient"), i});
  return all;
}

/// Checks every element of a small input, or a few random directions of a large one.
inline void compare_input(const Function& function, const std::vector<Tensor<double>>& inputs, int input,
                          const std::vector<Contributions>& all, const std::vector<double>& cotangent,
                          const GradientOptions& options, RandomStream& random,
                          std::vector<Comparison>& comparisons) {
  const Index size = inputs[static_cast<std::size_t>(input)].size();
  const bool every_element = size <= options.every_element;
  for (Index i = 0; i < (every_element ? size : Index{options.directions}); ++i) {
    std::vector<double> direction(static_cast<std::size_t>(size));
    if (every_element)
      direction[static_cast<std::size_t>(i)] = 1;
    else
      direction = random_normal(size, random);
    const double numeric =
        directional_difference(function, inputs, input, direction, cotangent, options.step);
    const std::string place = concatenate(every_element ? "element " : "direction ", i);
    for (const Contributions& contributions : all) {
      if (contributions.unwanted == input) continue;
      const std::vector<double>& gradient = contributions.gradients[static_cast<std::size_t>(input)];
      const double analytic = std::inner_product(gradient.begin(), gradient.end(), direction.begin(), 0.0);
      comparisons.push_back({input, place + contributions.place, analytic, numeric});
    }
  }
}

/// Errors are relative to the largest derivative of the same input, or a thousandth of the largest of all.
inline GradientReport worst(const std::vector<Comparison>& comparisons, int inputs, double tolerance) {
  std::vector<double> scale(static_cast<std::size_t>(inputs), 0.0);
  double largest = 1e-4;
  for (const Comparison& c : comparisons) {
    double& own = scale[static_cast<std::size_t>(c.input)];
    own = std::max(own, std::abs(c.numeric));
    largest = std::max(largest, own);
  }
  GradientReport report;
  report.tolerance = tolerance;
  for (const Comparison& c : comparisons) {
    const double error =
        std::abs(c.analytic - c.numeric) / std::max(scale[static_cast<std::size_t>(c.input)], 1e-3 * largest);
    if (!(error <= report.error)) {
      report = {error, tolerance, c.input, c.place, c.analytic, c.numeric};
      if (std::isnan(error)) break;
    }
  }
  return report;
}

}  // namespace detail

/// Checks the gradients of sum(function(inputs) * cotangent) with a random cotangent, for all inputs. A plain
/// sum would hide errors: the softmax's rows sum to one whatever its backward does. Each backward runs
/// several times: with both values of the accumulate flag, and with each input in turn requiring no gradient.
inline GradientReport check_gradient(const Function& function, std::vector<Tensor<double>> inputs,
                                     const GradientOptions& options = {}) {
  RandomStream random(mix_keys(options.seed, name_key("gradient check")));
  for (Tensor<double>& input : inputs) input = input.clone();
  std::vector<double> cotangent;
  const auto all = detail::all_contributions(function, inputs, cotangent, random);
  std::vector<detail::Comparison> comparisons;
  for (int i = 0; i < static_cast<int>(inputs.size()); ++i)
    detail::compare_input(function, inputs, i, all, cotangent, options, random, comparisons);
  return detail::worst(comparisons, static_cast<int>(inputs.size()), options.tolerance);
}

}  // namespace memsizer::check
