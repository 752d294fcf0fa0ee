#pragma once
// MemSizer's slot weights (Zhang and Cai 2022, arXiv 2203.12644). Its memory is in scan.hpp.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// p [.., slots] = mean over heads of softmax over slots of logits [.., heads * slots]. Dropout acts on each
/// softmax.
template <class T>
Tensor<T> slot_weights(const Tensor<T>& logits, Index heads, const Dropout& dropout = {}) {
  require_drawable("slot_weights", dropout);
  const auto [rows, columns] = rows_and_columns(logits.shape());
  require(heads > 0 && columns > 0 && columns % heads == 0, "slot_weights: the last axis of shape ",
          logits.shape(), " does not split into ", heads, " heads");
  const Index slots = columns / heads;
  Tensor<T> p(logits.shape().with(-1, slots), logits.device());
  launch(logits.device(), "slot_weights", logits.kernels().memsizer.slot_weights, p.data(), logits.data(),
         rows, heads, slots, dropout);
  record(
      "slot_weights", p,
      [=, dlogits = GradientTarget(logits), logits = Saved(logits), rows = rows](const Tensor<T>& dp) {
        launch(logits.device(), "slot_weights_backward", logits.kernels().memsizer.slot_weights_backward,
               dlogits(), dp.data(), logits.data(), rows, heads, slots, dropout);
      },
      logits);
  return p;
}

}  // namespace memsizer
