#pragma once
// MemSizer's slot weights: the mean over heads of softmaxes over slots.

#include <Eigen/Core>
#include <algorithm>

#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"

namespace memsizer::cpu {

/// The softmaxes of one row's heads [heads, slots].
template <class T>
void softmax_of_heads(T* y, const T* x, Index heads, Index slots) {
  for (Index head = 0; head < heads; ++head) {
    const auto in = array(x + head * slots, slots);
    array(y + head * slots, slots) = in - in.maxCoeff();
  }
  auto all = array(y, heads * slots);
  all = all.exp();  // in one go: a head alone may be shorter than a vector
  for (Index head = 0; head < heads; ++head) {
    auto out = array(y + head * slots, slots);
    out *= 1 / out.sum();
  }
}

template <class T>
void slot_weights(Context& context, T* p, const T* logits, Index rows, Index heads, Index slots,
                  const Dropout& dropout) {
  struct Work;
  const Index width = heads * slots;
  if (slots == 0) return;
  const DropoutMask mask(dropout);
  parallel_for(context, rows, width, [=](Index begin, Index end) {
    T* const weights = scratch<T, Work>(2 * width);
    for (Index row = begin; row < end; ++row) {
      softmax_of_heads(weights, logits + row * width, heads, slots);
      if (dropout) {
        mask.fill(weights + width, static_cast<std::uint64_t>(row * width), width);
        array(weights, width) *= array(weights + width, width);
      }
      auto mean = array(p + row * slots, slots);
      mean.setZero();
      for (Index head = 0; head < heads; ++head) mean += array(weights + head * slots, slots);
      mean *= 1 / static_cast<T>(heads);
    }
  });
}

/// With w the softmax of a head: dw = mask dp / heads, dlogits = w (dw - sum(w dw)).
template <class T>
void slot_weights_backward(Context& context, Gradient<T> dlogits, const T* dp, const T* logits, Index rows,
                           Index heads, Index slots, const Dropout& dropout) {
  struct Work;
  const Index width = heads * slots;
  if (slots == 0) return;
  const DropoutMask mask(dropout);
  parallel_for(context, rows, width, [=](Index begin, Index end) {
    T* const weights = scratch<T, Work>(2 * width);
    T* const dweights = weights + width;
    for (Index row = begin; row < end; ++row) {
      softmax_of_heads(weights, logits + row * width, heads, slots);
      const T share = 1 / static_cast<T>(heads);
      if (dropout)
        mask.fill(dweights, static_cast<std::uint64_t>(row * width), width);
      else
        std::fill(dweights, dweights + width, T(1));
      for (Index head = 0; head < heads; ++head) {
        const auto w = array(weights + head * slots, slots);
        auto dw = array(dweights + head * slots, slots);
        dw *= share * array(dp + row * slots, slots);
        contribute(dlogits, row * width + head * slots, w * (dw - (w * dw).sum()));
      }
    }
  });
}

}  // namespace memsizer::cpu
