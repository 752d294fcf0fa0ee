#pragma once
// The target distribution of a cross entropy with label smoothing.

#include "memsizer/device/arguments.hpp"

namespace memsizer {

/// Whether a target names a class. A target below 0 is not scored; a target beyond the classes is a mistake,
/// which gives a loss of NaN and no gradient.
MEMSIZER_HOST_DEVICE inline bool names_class(Index target, Index classes) {
  return target >= 0 && target < classes;
}

/// Every class has the mass others(), and the right class has right() more. All masses sum to 1.
template <class T>
class SmoothedTarget {
 public:
  MEMSIZER_HOST_DEVICE SmoothedTarget(const LabelSmoothing& smoothing, Index classes)
      : classes_(static_cast<T>(classes)) {
    const double s = smoothing.smoothing;
    const bool among_others = smoothing.over == LabelSmoothing::Over::others;
    const double share =
        classes > (among_others ? 1 : 0) ? s / static_cast<double>(among_others ? classes - 1 : classes) : 0;
    others_ = static_cast<T>(share);
    right_ = static_cast<T>(among_others ? 1 - s - share : 1 - s);
  }

  MEMSIZER_HOST_DEVICE T others() const { return others_; }
  MEMSIZER_HOST_DEVICE T right() const { return right_; }

  /// The cross entropy from log sum exp(x - m), x_right - m and sum(x - m), where m is the largest logit.
  /// They are relative to m, because a large m would cost all three their digits. The sum matters only if
  /// others() > 0.
  MEMSIZER_HOST_DEVICE T loss(T log_sum, T right_logit, T sum_of_logits) const {
    return right_ * (log_sum - right_logit) + others_ * (classes_ * log_sum - sum_of_logits);
  }

 private:
  T classes_, others_, right_;
};

}  // namespace memsizer
