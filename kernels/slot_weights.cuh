#pragma once
// MemSizer's slot weights: p [rows, slots] = mean over heads of softmax(logits [rows, heads, slots]) with
// dropout on each head's softmax. A warp handles a row. Each group of `width` lanes handles a head, and each
// lane of the group every width-th slot.

#include "kernels/dropout_mask.cuh"
#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The place of the calling lane in a warp, which handles the heads of a row, 32 / width at a time.
template <class T>
struct HeadLane {
  unsigned width;
  Index lane, row, heads, slots;

  __device__ HeadLane(Index row_, Index heads_, Index slots_, unsigned width_)
      : width(width_), lane(threadIdx.x % warp_threads), row(row_), heads(heads_), slots(slots_) {}

  __device__ Index slot(Index first_slot) const { return first_slot + lane % width; }
  __device__ Index head(Index first_head) const { return first_head + lane / width; }
  __device__ Index heads_at_a_time() const { return warp_threads / width; }
  __device__ Index element(Index head, Index slot) const { return (row * heads + head) * slots + slot; }

  /// The sum of f(slot) over a head's slots, in all lanes of the head; 0 if there is no such head.
  template <class F>
  __device__ auto sum(Index head, const F& f) const {
    decltype(f(Index())) total = 0;
    for (Index slot = lane % width; head < heads && slot < slots; slot += width) total += f(slot);
    return combine_lanes(total, Sum(), width);
  }

  /// The maximum and 1 / sum exp(x - maximum) of a head's logits.
  struct Statistics {
    Accumulate<T> maximum, factor;
    __device__ Accumulate<T> weight(T logit) const {
      return std::exp(static_cast<Accumulate<T>>(logit) - maximum) * factor;
    }
  };
  __device__ Statistics statistics(const T* logits, Index head) const {
    using A = Accumulate<T>;
    A maximum = -static_cast<A>(INFINITY);
    for (Index slot = lane % width; head < heads && slot < slots; slot += width)
      maximum = Maximum()(maximum, static_cast<A>(logits[element(head, slot)]));
    maximum = combine_lanes(maximum, Maximum(), width);
    const A total = sum(
        head, [&](Index slot) { return std::exp(static_cast<A>(logits[element(head, slot)]) - maximum); });
    return {maximum, 1 / total};
  }
};

template <class T>
__global__ void slot_weights_kernel(T* p, const T* logits, Index rows, Index heads, Index slots,
                                    unsigned width, DropoutMask mask) {
  using A = Accumulate<T>;
  const Index row = WarpPerRow::row();
  if (row >= rows) return;
  const HeadLane<T> at(row, heads, slots, width);
  for (Index first_slot = 0; first_slot < slots; first_slot += width) {
    const Index slot = at.slot(first_slot);
    A total = 0;
    for (Index first_head = 0; first_head < heads; first_head += at.heads_at_a_time()) {
      const Index head = at.head(first_head), element = at.element(head, slot);
      const auto statistics = at.statistics(logits, head);
      if (head < heads && slot < slots) total += statistics.weight(logits[element]) * mask.factor<A>(element);
    }
    for (unsigned distance = width; distance < warp_threads; distance *= 2)
      total += __shfl_xor_sync(all_lanes, total, static_cast<int>(distance));
    if (at.lane < width && slot < slots)
      p[row * slots + slot] = static_cast<T>(total / static_cast<A>(heads));
  }
}

template <class T>
__global__ void slot_weights_backward_kernel(Output<T> dlogits, const T* dp, const T* logits, Index rows,
                                             Index heads, Index slots, unsigned width, DropoutMask mask) {
  using A = Accumulate<T>;
  const Index row = WarpPerRow::row();
  if (row >= rows) return;
  const HeadLane<T> at(row, heads, slots, width);
  for (Index first_head = 0; first_head < heads; first_head += at.heads_at_a_time()) {
    const Index head = at.head(first_head);
    const auto statistics = at.statistics(logits, head);
    const auto weight = [&](Index slot) { return statistics.weight(logits[at.element(head, slot)]); };
    const auto dweight = [&](Index slot) {
      return mask.factor<A>(at.element(head, slot)) * static_cast<A>(dp[row * slots + slot]) /
             static_cast<A>(heads);
    };
    const A product = at.sum(head, [&](Index slot) { return weight(slot) * dweight(slot); });
    for (Index slot = at.slot(0); head < heads && slot < slots; slot += width)
      contribute(dlogits, at.element(head, slot), weight(slot) * (dweight(slot) - product));
  }
}

/// How many lanes a head gets: the smallest power of two with a lane for each slot, at most a warp.
inline unsigned lanes_a_head(Index slots) {
  unsigned width = 1;
  while (width < slots && width < warp_threads) width *= 2;
  return width;
}

template <class T>
void slot_weights(Context& context, T* p, const T* logits, Index rows, Index heads, Index slots,
                  const Dropout& dropout) {
  if (rows == 0 || slots == 0) return;
  launch(context, warp_a_row(context, "slot_weights", rows), slot_weights_kernel<T>, p, logits, rows, heads,
         slots, lanes_a_head(slots), DropoutMask(dropout));
}

template <class T>
void slot_weights_backward(Context& context, Output<T> dlogits, const T* dp, const T* logits, Index rows,
                           Index heads, Index slots, const Dropout& dropout) {
  if (rows == 0 || slots == 0) return;
  launch(context, warp_a_row(context, "slot_weights_backward", rows), slot_weights_backward_kernel<T>,
         dlogits, dp, logits, rows, heads, slots, lanes_a_head(slots), DropoutMask(dropout));
}

}  // namespace memsizer::MEMSIZER_DEVICE
