#pragma once
// Cross entropy of rows of logits against (smoothed) targets.

#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "memsizer/cpu/linear_cross_entropy.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/smoothed_target.hpp"

namespace memsizer::cpu {

template <class T>
void cross_entropy(Context& context, Accumulate<T>* loss, Accumulate<T>* log_sum_exp, const T* logits,
                   const Id* targets, Index rows, Index classes, const LabelSmoothing& smoothing) {
  const SmoothedTarget<T> target(smoothing, classes);
  parallel_rows(context, rows, classes, [=](Index row) {
    const auto x = array(logits + row * classes, classes);
    const T maximum = classes > 0 ? x.maxCoeff() : -std::numeric_limits<T>::infinity();
    const T log_sum = maximum + std::log((x - maximum).exp().sum());
    log_sum_exp[row] = log_sum;
    if (names_class(targets[row], classes))
      loss[row] = target.loss(log_sum, x[targets[row]], target.others() > 0 ? x.sum() : T(0));
    else
      loss[row] = targets[row] < 0 ? T(0) : std::numeric_limits<T>::quiet_NaN();
  });
}

template <class T>
void cross_entropy_backward(Context& context, Output<T> dlogits, const Accumulate<T>* dloss,
                            const Accumulate<T>* log_sum_exp, const T* logits, const Id* targets, Index rows,
                            Index classes, const LabelSmoothing& smoothing) {
  const SmoothedTarget<T> target(smoothing, classes);
  parallel_rows(context, rows, classes, [=](Index row) {
    const Index at = row * classes;
    if (!names_class(targets[row], classes)) {
      if (!dlogits.accumulate) array(dlogits.data + at, classes).setZero();
      return;
    }
    const T factor = dloss[row];
    contribute(dlogits, at,
               factor * ((array(logits + at, classes) - log_sum_exp[row]).exp() - target.others()));
    dlogits.data[at + targets[row]] -= factor * target.right();
  });
}

template <class T>
inline constexpr LossKernels<T> loss_kernels{.cross_entropy = cross_entropy<T>,
                                             .cross_entropy_backward = cross_entropy_backward<T>,
                                             .linear_cross_entropy = linear_cross_entropy<T>};

}  // namespace memsizer::cpu
