#pragma once
// MemSizer's slot weights: the mean over heads of softmaxes over slots.

#include <Eigen/Core>
#include <algorithm>
#include <type_traits>

#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

/// Numbers of one head. The usual numbers of slots are known to the compiler, since a head is often shorter
/// than the start of a loop is long.
template <class T, int slots>
using HeadRow = Eigen::Array<T, slots, 1>;

template <class Body>
void with_slots(Index slots, const Body& body) {
  switch (slots) {
    case 4:
      return body(std::integral_constant<int, 4>());
    case 8:
      return body(std::integral_constant<int, 8>());
    case 16:
      return body(std::integral_constant<int, 16>());
    case 32:
      return body(std::integral_constant<int, 32>());
    default:
      return body(std::integral_constant<int, Eigen::Dynamic>());
  }
}

/// n times 1, to be overwritten.
template <class T>
T* ones(Index n) {
  struct Factors;
  T* const factors = scratch<T, Factors>(n);
  std::fill_n(factors, n, T(1));
  return factors;
}

/// body(first logit, softmax, mask factors) for each head of a row. Without dropout the factors are 1.
template <class Row, class T, class Body>
void for_each_head(const T* logits, T* factors, Index heads, Index slots, Index row, const Dropout& dropout,
                   const DropoutMask& mask, const Body& body) {
  if (dropout) mask.fill(factors, static_cast<std::uint64_t>(row * heads * slots), heads * slots);
  Row weights(slots);
  for (Index head = 0; head < heads; ++head) {
    const Index at = (row * heads + head) * slots;
    const Eigen::Map<const Row> in(logits + at, slots);
    weights = softmax_weight(in - in.maxCoeff());
    weights *= 1 / weights.sum();
    body(at, weights, Eigen::Map<const Row>(factors + head * slots, slots));
  }
}

template <class T>
void slot_weights(Context& context, T* p, const T* logits, Index rows, Index heads, Index slots,
                  const Dropout& dropout) {
  if (slots == 0) return;
  const DropoutMask mask(dropout);
  with_slots(slots, [&]<int known>(std::integral_constant<int, known>) {
    using Row = HeadRow<T, known>;
    parallel_for(context, rows, heads * slots, [=](Index begin, Index end) {
      T* const all_factors = ones<T>(heads * slots);
      Row sum(slots);
      for (Index row = begin; row < end; ++row) {
        sum.setZero();
        for_each_head<Row>(
            logits, all_factors, heads, slots, row, dropout, mask,
            [&](Index, const auto& weights, const auto& factors) { sum += weights * factors; });
        Eigen::Map<Row>(p + row * slots, slots) = sum * (1 / static_cast<T>(heads));
      }
    });
  });
}

template <class T>
void slot_weights_backward(Context& context, Output<T> dlogits, const T* dp, const T* logits, Index rows,
                           Index heads, Index slots, const Dropout& dropout) {
  if (slots == 0) return;
  const DropoutMask mask(dropout);
  with_slots(slots, [&]<int known>(std::integral_constant<int, known>) {
    using Row = HeadRow<T, known>;
    parallel_for(context, rows, heads * slots, [=](Index begin, Index end) {
      T* const all_factors = ones<T>(heads * slots);
      Row share(slots), dweights(slots);
      const auto add_head = [&](Index at, const auto& weights, const auto& factors) {
        dweights = share * factors;
        dweights = weights * (dweights - (weights * dweights).sum());
        Eigen::Map<Row> target(dlogits.data + at, slots);
        if (dlogits.accumulate) dweights += target;
        target = dweights;
      };
      for (Index row = begin; row < end; ++row) {
        share = Eigen::Map<const Row>(dp + row * slots, slots) * (1 / static_cast<T>(heads));
        for_each_head<Row>(logits, all_factors, heads, slots, row, dropout, mask, add_head);
      }
    });
  });
}

}  // namespace memsizer::cpu
