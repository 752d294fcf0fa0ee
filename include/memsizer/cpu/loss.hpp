#pragma once
// Cross entropy of rows of logits against (smoothed) targets.

#include <cmath>
#include <limits>

#include "memsizer/cpu/linear_cross_entropy.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/whole_packets.hpp"
#include "memsizer/device/smoothed_target.hpp"

namespace memsizer::cpu {

template <class T>
void cross_entropy(Context& context, Accumulate<T>* loss, Accumulate<T>* maximum, Accumulate<T>* log_sum,
                   const T* logits, const Id* targets, Index rows, Index classes,
                   const LabelSmoothing& smoothing) {
  const SmoothedTarget<T> target(smoothing, classes);
  parallel_rows(context, rows, classes, [=](Index row) {
    const auto x = array(logits + row * classes, classes);
    const T largest = largest_of(x);
    maximum[row] = largest;
    log_sum[row] = std::log(sum_of(softmax_weight(x - largest)));
    if (names_class(targets[row], classes))
      loss[row] = target.loss(log_sum[row], x[targets[row]] - largest,
                              target.others() > 0 ? sum_of(x - largest) : T(0));
    else
      loss[row] = targets[row] < 0 ? T(0) : std::numeric_limits<T>::quiet_NaN();
  });
}

template <class T>
void cross_entropy_backward(Context& context, Output<T> dlogits, const Accumulate<T>* dloss,
                            const Accumulate<T>* maximum, const Accumulate<T>* log_sum, const T* logits,
                            const Id* targets, Index rows, Index classes, const LabelSmoothing& smoothing) {
  const SmoothedTarget<T> target(smoothing, classes);
  parallel_rows(context, rows, classes, [=](Index row) {
    const Index at = row * classes;
    if (!names_class(targets[row], classes)) {
      if (!dlogits.accumulate) array(dlogits.data + at, classes) = T(0);
      return;
    }
    const T factor = dloss[row];
    contribute(dlogits, at,
               factor * (softmax_weight((array(logits + at, classes) - maximum[row]) - log_sum[row]) -
                         target.others()));
    dlogits.data[at + targets[row]] -= factor * target.right();
  });
}

template <class T>
inline constexpr LossKernels<T> loss_kernels{.cross_entropy = cross_entropy<T>,
                                             .cross_entropy_backward = cross_entropy_backward<T>,
                                             .linear_cross_entropy = linear_cross_entropy<T>};

}  // namespace memsizer::cpu
