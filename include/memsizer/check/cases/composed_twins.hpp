#pragma once
// A twin of cross entropy, composed of simpler operations.

#include <cmath>

#include "memsizer/ops/ops.hpp"

namespace memsizer::check {

/// Cross entropy of each row from log softmax and a matrix of smoothed targets.
template <class T>
Tensor<T> composed_cross_entropy(const Tensor<T>& logits, const Tensor<Id>& targets,
                                 const LabelSmoothing& smoothing) {
  const auto [rows, classes] = rows_and_columns(logits.shape());
  const double s = smoothing.smoothing, n = static_cast<double>(classes);
  const bool all = smoothing.over == LabelSmoothing::Over::all;
  const double other = all ? s / n : (s > 0 ? s / (n - 1) : 0), right = all ? 1 - s + s / n : 1 - s;
  std::vector<T> wanted(static_cast<std::size_t>(rows * classes), T{0});
  const std::vector<Id> ids = targets.to_vector();
  for (Index row = 0; row < rows; ++row)
    for (Index c = 0; c < classes && ids[static_cast<std::size_t>(row)] >= 0; ++c)
      wanted[static_cast<std::size_t>(row * classes + c)] =
          static_cast<T>(c == ids[static_cast<std::size_t>(row)] ? right : other);
  return -sum(log_softmax(logits) * Tensor<T>(logits.shape(), wanted, logits.device()), -1);
}

}  // namespace memsizer::check
