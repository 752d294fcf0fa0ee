#pragma once
// Cross entropy, alone and fused with the output layer.

#include <algorithm>
#include <limits>

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/elementwise.hpp"
#include "memsizer/ops/reduce.hpp"

namespace memsizer {

namespace detail {

/// Whether there is a target for each row of x [.., classes]: targets [..]. One of the two may be flat, so
/// that targets [batch, time] fit x [batch * time, classes]. [3, 2] does not fit [2, 3, classes], where rows
/// would be paired wrongly.
inline bool are_rows(const Tensor<Id>& targets, const Shape& x) {
  const Shape& shape = targets.shape();
  if (targets.size() != rows_and_columns(x).rows) return false;
  if (shape.rank() <= 1 || x.rank() <= 2) return true;
  return std::ranges::equal(shape.extents(), x.extents().first(x.extents().size() - 1));
}

}  // namespace detail

/// The cross entropy of each row of logits [.., classes] against targets [..], in nats; a target below 0 is
/// not scored and has loss 0. With smoothing s the target keeps 1 - s, and LabelSmoothing says how the rest
/// is spread. A target beyond the classes is an InputError where the host can read the device's memory;
/// elsewhere it has loss NaN and no gradient.
template <class T>
Tensor<Accumulate<T>> cross_entropy_rows(const Tensor<T>& logits, const Tensor<Id>& targets,
                                         const LabelSmoothing& smoothing = {}) {
  require_same_device("cross_entropy", logits, targets);
  const auto [rows, classes] = rows_and_columns(logits.shape());
  require(logits.rank() >= 1 && classes > 0 && detail::are_rows(targets, logits.shape()),
          "cross_entropy: logits of shape ", logits.shape(), " do not fit targets of shape ",
          targets.shape());
  require_smoothing("cross_entropy", smoothing);
  require_ids("cross_entropy", targets, std::numeric_limits<Id>::min(), classes);
  Tensor<Accumulate<T>> loss(targets.shape(), logits.device());
  Tensor<Accumulate<T>> maximum(Shape{rows}, logits.device()), log_sum(Shape{rows}, logits.device());
  launch(logits.device(), "cross_entropy", logits.kernels().loss.cross_entropy, loss.data(), maximum.data(),
         log_sum.data(), logits.data(), targets.data(), rows, classes, smoothing);
  record(
      "cross_entropy", loss,
      [=, dlogits = GradientTarget(logits), logits = Saved(logits), targets = Saved(targets), rows = rows,
       classes = classes](const Tensor<Accumulate<T>>& dloss) {
        launch(logits.device(), "cross_entropy_backward", logits.kernels().loss.cross_entropy_backward,
               dlogits(), dloss.data(), maximum.data(), log_sum.data(), logits.data(), targets.data(), rows,
               classes, smoothing);
      },
      logits);
  return loss;
}

/// The mean of cross_entropy_rows over the scored rows. The host reads the targets to count them; a target
/// beyond the classes is an InputError.
template <class T>
Tensor<Accumulate<T>> cross_entropy(const Tensor<T>& logits, const Tensor<Id>& targets,
                                    const LabelSmoothing& smoothing = {}) {
  const std::vector<Id> ids = targets.to_vector();
  const auto scored = std::ranges::count_if(ids, [](Id target) { return target >= 0; });
  require(scored > 0, "cross_entropy: no target is scored");
  const Id largest = *std::ranges::max_element(ids);
  require(largest < logits.extent(-1), "cross_entropy: target ", largest, " of ", logits.extent(-1),
          " classes");
  return sum(cross_entropy_rows(logits, targets, smoothing)) / static_cast<double>(scored);
}

namespace detail {

template <class T>
void require_one_shape(const char* name, const Tensor<T>& x, const Tensor<T>& y) {
  require(x.shape() == y.shape(), name, ": two tensors of one shape expected, got ", x.shape(), " and ",
          y.shape());
}

/// The mean of values(x, targets), recorded with derivatives of its own: by_x(x, targets) and by_target(x,
/// targets) are those of each element. It is for values that are composed of functions with corners, whose
/// derivatives are wrong there though that of the whole exists.
template <class T, class Values, class ByX, class ByTarget>
Tensor<T> mean_of_pairs(const char* name, const Tensor<T>& x, const Tensor<T>& any_targets,
                        const Values& values, const ByX& by_x, const ByTarget& by_target) {
  const Tensor<T> targets = apart_from(any_targets, x);
  Tensor<T> loss = mean(values(x.detach(), targets.detach()));
  record(
      name, loss,
      [=, dx = GradientTarget(x), dtargets = GradientTarget(targets), x = Saved(x),
       targets = Saved(targets)](const Tensor<T>& dloss) {
        const Tensor<T> share = dloss / static_cast<double>(x.size());
        if (dx.wanted()) pass_on(name, dx(), by_x(*x, *targets) * share);
        if (dtargets.wanted()) pass_on(name, dtargets(), by_target(*x, *targets) * share);
      },
      x, targets);
  return loss;
}

}  // namespace detail

/// The mean of (x - y)^2.
template <class T>
Tensor<T> mse_loss(const Tensor<T>& x, const Tensor<T>& y) {
  detail::require_one_shape("mse_loss", x, y);
  return mean(square(x - y));
}

/// The mean of -(y log p + (1 - y) log(1 - p)) for probabilities p and targets y between 0 and 1. As in
/// PyTorch no logarithm is below -100. From logits, binary_cross_entropy_with_logits keeps more digits. A p
/// that is no probability is an InputError where the host can read the device's memory; elsewhere the result
/// is NaN.
template <class T>
Tensor<T> binary_cross_entropy(const Tensor<T>& p, const Tensor<T>& y) {
  detail::require_one_shape("binary_cross_entropy", p, y);
  if (p.device().memory().host_readable)
    for (const T value : p.to_vector())
      require(value >= T{0} && value <= T{1},
              "binary_cross_entropy: probabilities from 0 to 1 expected, got ", static_cast<double>(value),
              "; logits go to binary_cross_entropy_with_logits");
  using V = Tensor<T>;
  const auto limited_log = [](const V& x) { return relu(log(x) + 100.0) - 100.0; };
  return detail::mean_of_pairs(
      "binary_cross_entropy", p, y,
      [=](const V& q, const V& t) { return -(t * limited_log(q) + (1.0 - t) * limited_log(1.0 - q)); },
      // As in PyTorch, the divisor is at least 1e-12.
      [](const V& q, const V& t) { return (q - t) / (relu(q * (1.0 - q) - 1e-12) + 1e-12); },
      [=](const V& q, const V&) { return limited_log(1.0 - q) - limited_log(q); });
}

/// The same for p = sigmoid(x), as relu(x) - x y + log(1 + e^-|x|), which neither overflows nor loses digits.
template <class T>
Tensor<T> binary_cross_entropy_with_logits(const Tensor<T>& x, const Tensor<T>& y) {
  detail::require_one_shape("binary_cross_entropy", x, y);
  using V = Tensor<T>;
  return detail::mean_of_pairs(
      "binary_cross_entropy_with_logits", x, y,
      [](const V& logits, const V& t) {
        return relu(logits) - logits * t + log(exp(-absolute(logits)) + 1.0);
      },
      [](const V& logits, const V& t) { return sigmoid(logits) - t; },
      [](const V& logits, const V&) { return -logits; });
}

/// The result of linear_cross_entropy. With the sums a caller can weight micro-batches by their tokens.
template <class T>
struct LinearCrossEntropy {
  Tensor<Accumulate<T>> mean;   // scalar, on the tape
  Tensor<Accumulate<T>> total;  // [3]: sum of losses in nats, number of scored rows, sum without smoothing

  /// The sum of losses without smoothing, in nats.
  double nats() const { return total.to_vector()[2]; }
};

/// The mean cross entropy of the logits x weight^T over the scored rows, without ever storing all logits: x
/// is [.., dim], weight [classes, dim], targets [..] (below 0: not scored). If a tape records, the same pass
/// over the logits computes both gradients, and backward only scales them. If no row is scored, the mean is
/// NaN. A target beyond the classes is an InputError where the host can read the device's memory; elsewhere
/// it makes the mean NaN.
template <class T>
LinearCrossEntropy<T> linear_cross_entropy(const Tensor<T>& x, const Tensor<T>& weight,
                                           const Tensor<Id>& targets, const LabelSmoothing& smoothing = {}) {
  require_same_device("linear_cross_entropy", x, weight, targets);
  const auto [rows, dim] = rows_and_columns(x.shape());
  require(weight.rank() == 2 && weight.extent(1) == dim && weight.extent(0) > 0,
          "linear_cross_entropy: input of shape ", x.shape(), " does not fit a weight of shape ",
          weight.shape());
  require(detail::are_rows(targets, x.shape()), "linear_cross_entropy: a target for each of ", rows,
          " rows of an input of shape ", x.shape(), " expected, got shape ", targets.shape());
  require_smoothing("linear_cross_entropy", smoothing);
  require_ids("linear_cross_entropy", targets, std::numeric_limits<Id>::min(), weight.extent(0));
  using A = Accumulate<T>;
  Tensor<T> unit_dx;
  Tensor<A> unit_dweight;
  if (is_recorded(x)) unit_dx = Tensor<T>(x.shape(), x.device());
  if (is_recorded(weight)) unit_dweight = Tensor<A>(weight.shape(), x.device());
  const auto output = []<class G>(const Tensor<G>& gradient) {
    return gradient.defined() ? Output<G>{gradient.data()} : Output<G>{};
  };
  Tensor<A> total(Shape{3}, x.device()), mean(Shape{}, x.device());
  launch(x.device(), "linear_cross_entropy", x.kernels().loss.linear_cross_entropy, total.data(),
         output(unit_dx), output(unit_dweight), x.data(), weight.data(), targets.data(), rows, dim,
         weight.extent(0), smoothing);
  const Walk scalar{};
  launch(x.device(), "linear_cross_entropy", mean.kernels().elementwise.binary, mean.data(), total.data(),
         total.data() + 1, BinaryFunction::divide, scalar);
  record(
      "linear_cross_entropy", mean,
      [=, dx = GradientTarget(x), dweight = parameter_target(weight)](const Tensor<A>& dmean) {
        const auto scaled = [&](const auto& target, const auto& unit) {
          if (target.wanted())
            launch(dmean.device(), "linear_cross_entropy", unit.kernels().elementwise.scale_by, target(),
                   unit.data(), dmean.data(), unit.size());
        };
        scaled(dx, unit_dx);
        scaled(dweight, unit_dweight);
      },
      x, weight);
  return {mean, total};
}

}  // namespace memsizer
