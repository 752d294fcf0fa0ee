#pragma once
// The gradient checker: it compares the backward of any function of tensors with differences of its values.
//
//     auto report = check::check_gradient([](const auto& x) { return softmax(x[0]); }, {x});
//     if (!report.passed()) std::cout << report;

#include <numeric>
#include <ostream>

#include "memsizer/base/random.hpp"
#include "memsizer/check/crash_message.hpp"
#include "memsizer/check/differences.hpp"

namespace memsizer::check {

struct GradientOptions {
  double tolerance = 1e-7;  // largest error, relative to the largest derivative of the input
  /// Of the differences. Kinks must be more than two steps away. Where the differences disagree with the
  /// backward, the check extrapolates from this step, its half and its quarter.
  double step = 1e-3;
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
  bool differences_converge = true;  // false: differences with smaller steps do not approach a number

  /// NaN fails.
  bool passed() const { return error <= tolerance; }

  friend std::ostream& operator<<(std::ostream& out, const GradientReport& report) {
    out << "error " << report.error << " (tolerance " << report.tolerance << ')';
    if (report.input >= 0)
      out << " at input " << report.input << ", " << report.place << ": backward gives " << report.analytic
          << ", differences give " << report.numeric;
    if (!report.differences_converge)
      out << " but do not converge with smaller steps: is a kink within two steps?";
    return out;
  }
};

namespace detail {

inline std::vector<double> random_normal(Index n, RandomStream& random) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (double& value : values) value = random.normal();
  return values;
}

/// A number for each element of each input.
using Gradients = std::vector<std::vector<double>>;

/// The state in which backward finds the gradients. Either it is the first contribution and must overwrite
/// the old contents (NaN here), or there are earlier contributions and it must add to them (random numbers
/// here).
enum class Arrival { first, later };

/// The contribution of one backward to each input's gradient, and the conditions under which it ran.
struct Contributions {
  Gradients gradients;
  std::string condition;  // ", where it must add to a gradient"
  int unwanted = -1;      // the input that required no gradient
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

/// The derivative along one direction of one input: from differences, and from the backward in each
/// condition.
struct Comparison {
  struct Backward {
    double derivative;
    std::string condition;
  };

  int input;
  std::string place;
  std::vector<double> direction;
  double numeric;
  std::vector<Backward> backwards = {};
  bool differences_converge = true;

  /// Whether a backward differs from the differences by more than `allowed`. False if a number is NaN, which
  /// no smaller step would mend.
  bool differs(double allowed) const {
    return std::ranges::any_of(backwards,
                               [&](const Backward& b) { return std::abs(b.derivative - numeric) > allowed; });
  }
};

/// Compares every element of a small input, or a few random directions of a large one.
inline void compare_input(const WeightedSum& sum, int input, const std::vector<Contributions>& all,
                          const GradientOptions& options, RandomStream& random,
                          std::vector<Comparison>& comparisons) {
  const Index size = sum.inputs[static_cast<std::size_t>(input)].size();
  const bool every_element = size <= options.every_element;
  for (Index i = 0; i < (every_element ? size : Index{options.directions}); ++i) {
    std::vector<double> direction(static_cast<std::size_t>(size));
    if (every_element)
      direction[static_cast<std::size_t>(i)] = 1;
    else
      direction = random_normal(size, random);
    Comparison comparison{input, concatenate(every_element ? "element " : "direction ", i), direction,
                          directional_difference(sum, input, direction, options.step)};
    for (const Contributions& contributions : all) {
      if (contributions.unwanted == input) continue;
      const std::vector<double>& gradient = contributions.gradients[static_cast<std::size_t>(input)];
      comparison.backwards.push_back(
          {std::inner_product(gradient.begin(), gradient.end(), direction.begin(), 0.0),
           contributions.condition});
    }
    comparisons.push_back(std::move(comparison));
  }
}

/// The size by which the errors of each input are divided: its largest derivative, or a thousandth of the
/// largest of all inputs.
inline std::vector<double> scales_of(const std::vector<Comparison>& comparisons, std::size_t inputs) {
  std::vector<double> scales(inputs, 0.0);
  double largest = 1e-4;
  for (const Comparison& c : comparisons) {
    double& own = scales[static_cast<std::size_t>(c.input)];
    own = std::max(own, std::abs(c.numeric));
    largest = std::max(largest, own);
  }
  for (double& scale : scales) scale = std::max(scale, 1e-3 * largest);
  return scales;
}

/// Where a function curves strongly, such as 1 / x near 0, the error of the differences is larger than the
/// tolerance though the gradient is right. So a comparison that fails is repeated with the extrapolated
/// derivative, if its own error is within what is allowed. A wrong gradient fails again.
inline void repeat_failures(const WeightedSum& sum, const std::vector<double>& scales,
                            const GradientOptions& options, std::vector<Comparison>& comparisons) {
  for (Comparison& c : comparisons) {
    const double allowed = options.tolerance * scales[static_cast<std::size_t>(c.input)];
    if (!c.differs(allowed)) continue;
    const auto [value, error] = extrapolated_difference(sum, c.input, c.direction, options.step, c.numeric);
    c.differences_converge = error <= allowed;
    if (c.differences_converge) c.numeric = value;
  }
}

inline GradientReport worst(const std::vector<Comparison>& comparisons, const std::vector<double>& scales,
                            double tolerance) {
  GradientReport report;
  report.tolerance = tolerance;
  for (const Comparison& c : comparisons)
    for (const Comparison::Backward& backward : c.backwards) {
      const double error =
          std::abs(backward.derivative - c.numeric) / scales[static_cast<std::size_t>(c.input)];
      if (error <= report.error) continue;
      report = {error,
                tolerance,
                c.input,
                c.place + backward.condition,
                backward.derivative,
                c.numeric,
                c.differences_converge};
      if (std::isnan(error)) return report;
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
  const detail::WeightedSum sum{function, inputs, cotangent};
  std::vector<detail::Comparison> comparisons;
  for (int i = 0; i < static_cast<int>(inputs.size()); ++i)
    detail::compare_input(sum, i, all, options, random, comparisons);
  const std::vector<double> scales = detail::scales_of(comparisons, inputs.size());
  detail::repeat_failures(sum, scales, options, comparisons);
  return detail::worst(comparisons, scales, options.tolerance);
}

}  // namespace memsizer::check
