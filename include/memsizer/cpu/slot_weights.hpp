#pragma once
// MemSizer's slot weights: the mean over heads of softmaxes over slots.

#include <Eigen/Core>
#include <algorithm>
#include <limits>
#include <type_traits>

#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/scratch.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

/// The softmaxes of a row's heads, a packet of slots at a time. A head is often so short that starting an
/// Eigen expression costs more than the head itself, and fixed sizes for the usual numbers of slots took a
/// quarter of the whole table's time to compile. A head's last packet may be longer than the head: 5 slots in
/// a packet of 8 leave 3 numbers beyond the head. They are read as a value that changes nothing, and never
/// written.
template <class Packet>
class SlotHeads {
 public:
  using T = typename packets::unpacket_traits<Packet>::type;
  static constexpr Index packet_size = packets::unpacket_traits<Packet>::size;

  /// For logits [rows, heads, slots].
  SlotHeads(const T* logits, Index heads, Index slots, const Dropout& dropout)
      : logits_(logits), heads_(heads), slots_(slots), dropout_(dropout), mask_(dropout) {}

  /// p [rows, slots]: the mean over heads of softmax times mask.
  void forward(T* p, Index begin, Index end) const {
    const Buffers buffers(*this);
    for (Index row = begin; row < end; ++row) {
      fill_mask(buffers, row);
      for_each_packet([&](Index slot) { store(buffers.sum + slot, packets::pset1<Packet>(T(0))); });
      for (Index head = 0; head < heads_; ++head) {
        const Packet scale = softmax(buffers.weights, row, head);
        for_each_packet([&](Index slot) {
          const Packet weight =
              masked(packets::pmul(load(buffers.weights + slot), scale), buffers, head, slot);
          store(buffers.sum + slot, packets::padd(load(buffers.sum + slot), weight));
        });
      }
      for_each_packet([&](Index slot) {
        store_part(p + row * slots_, slot, packets::pmul(load(buffers.sum + slot), share()));
      });
    }
  }

  /// The gradient from dp [rows, slots]: d softmax = w (d - sum over slots of w d) with d = dp times mask /
  /// heads.
  void backward(const Output<T>& dlogits, const T* dp, Index begin, Index end) const {
    const Buffers buffers(*this);
    for (Index row = begin; row < end; ++row) {
      fill_mask(buffers, row);
      for_each_packet([&](Index slot) {
        store(buffers.sum + slot, packets::pmul(load_part(dp + row * slots_, slot, T(0)), share()));
      });
      for (Index head = 0; head < heads_; ++head) head_backward(dlogits, buffers, row, head);
    }
  }

 private:
  struct Mask;
  struct Numbers;

  /// Scratch memory of a thread: one head's weights, a sum over heads, and the mask of a row.
  struct Buffers {
    explicit Buffers(const SlotHeads& row)
        : weights(scratch<T, Numbers>(2 * row.padded())),
          sum(weights + row.padded()),
          mask(row.dropout_ ? scratch<T, Mask>(row.heads_ * row.slots_) : nullptr) {}
    T *weights, *sum, *mask;
  };

  Index padded() const { return divide_up(slots_, packet_size) * packet_size; }
  Packet share() const { return packets::pset1<Packet>(1 / static_cast<T>(heads_)); }

  /// We use narrow packets if one of them holds a whole head.
  template <class Body>
  void for_each_packet(const Body& body) const {
    if constexpr (packet_size < packets::packet_traits<T>::size)
      body(0);
    else
      for (Index slot = 0; slot < slots_; slot += packet_size) body(slot);
  }

  static Packet load(const T* aligned) { return packets::pload<Packet>(aligned); }
  static void store(T* aligned, const Packet& value) { packets::pstore(aligned, value); }

  /// The packet of a head from `slot` on, filled up with `beyond` after the head's end.
  Packet load_part(const T* head, Index slot, T beyond) const {
    if (slots_ - slot >= packet_size) return packets::ploadu<Packet>(head + slot);
    alignas(64) T part[packet_size];
    std::fill_n(part, packet_size, beyond);
    std::copy_n(head + slot, slots_ - slot, part);
    return load(part);
  }
  void store_part(T* head, Index slot, const Packet& value) const {
    if (slots_ - slot >= packet_size) return packets::pstoreu(head + slot, value);
    alignas(64) T part[packet_size];
    store(part, value);
    std::copy_n(part, slots_ - slot, head + slot);
  }

  void fill_mask(const Buffers& buffers, Index row) const {
    if (buffers.mask != nullptr)
      mask_.fill(buffers.mask, static_cast<std::uint64_t>(row * heads_ * slots_), heads_ * slots_);
  }
  Packet masked(const Packet& value, const Buffers& buffers, Index head, Index slot) const {
    if (buffers.mask == nullptr) return value;
    return packets::pmul(value, load_part(buffers.mask + head * slots_, slot, T(0)));
  }

  /// Writes weights that the caller must still multiply by the returned factor, 1 / their sum.
  Packet softmax(T* weights, Index row, Index head) const {
    const T* const logits = logits_ + (row * heads_ + head) * slots_;
    constexpr T least = -std::numeric_limits<T>::infinity();
    Packet largest = packets::pset1<Packet>(least);
    for_each_packet([&](Index slot) {
      const Packet logit = load_part(logits, slot, least);
      store(weights + slot, logit);
      largest = packets::pmax(largest, logit);
    });
    const Packet maximum = packets::pset1<Packet>(packets::predux_max(largest));
    Packet sum = packets::pset1<Packet>(T(0));
    for_each_packet([&](Index slot) {
      const Packet weight = exponential(packets::psub(load(weights + slot), maximum));
      store(weights + slot, weight);
      sum = packets::padd(sum, weight);
    });
    return packets::pset1<Packet>(1 / packets::predux(sum));
  }

  static Packet exponential(const Packet& x) {
    return OfWholePackets<ExponentialFunction<T, true>>::value(x);
  }

  void head_backward(const Output<T>& dlogits, const Buffers& buffers, Index row, Index head) const {
    const Packet scale = softmax(buffers.weights, row, head);
    Packet products = packets::pset1<Packet>(T(0));
    for_each_packet([&](Index slot) {
      const Packet weight = packets::pmul(load(buffers.weights + slot), scale);
      store(buffers.weights + slot, weight);
      products = packets::pmadd(weight, masked(load(buffers.sum + slot), buffers, head, slot), products);
    });
    const Packet dot = packets::pset1<Packet>(packets::predux(products));
    T* const out = dlogits.data + (row * heads_ + head) * slots_;
    for_each_packet([&](Index slot) {
      const Packet dweight = masked(load(buffers.sum + slot), buffers, head, slot);
      Packet dlogit = packets::pmul(load(buffers.weights + slot), packets::psub(dweight, dot));
      if (dlogits.accumulate) dlogit = packets::padd(load_part(out, slot, T(0)), dlogit);
      store_part(out, slot, dlogit);
    });
  }

  const T* logits_;
  Index heads_, slots_;
  Dropout dropout_;
  DropoutMask mask_;
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // of packet types as template arguments

/// Calls body(SlotHeads<Packet>) with the narrowest packets that hold a whole head, or the widest ones if
/// none does.
template <class Packet, class T, class Body>
void with_slot_heads(const T* logits, Index heads, Index slots, const Dropout& dropout, const Body& body) {
  if (slots == 0) return;
  using Half = typename packets::unpacket_traits<Packet>::half;
  if constexpr (!std::is_same_v<Half, Packet>) {
    if (slots <= packets::unpacket_traits<Half>::size)
      return with_slot_heads<Half>(logits, heads, slots, dropout, body);
  }
  body(SlotHeads<Packet>(logits, heads, slots, dropout));
}

template <class T>
void slot_weights(Context& context, T* p, const T* logits, Index rows, Index heads, Index slots,
                  const Dropout& dropout) {
  using Packet = typename packets::packet_traits<T>::type;
  with_slot_heads<Packet>(logits, heads, slots, dropout, [&](const auto& all) {
    parallel_for(context, rows, heads * slots, [&](Index begin, Index end) { all.forward(p, begin, end); });
  });
}

template <class T>
void slot_weights_backward(Context& context, Output<T> dlogits, const T* dp, const T* logits, Index rows,
                           Index heads, Index slots, const Dropout& dropout) {
  using Packet = typename packets::packet_traits<T>::type;
  with_slot_heads<Packet>(logits, heads, slots, dropout, [&](const auto& all) {
    parallel_for(context, rows, heads * slots,
                 [&](Index begin, Index end) { all.backward(dlogits, dp, begin, end); });
  });
}

#pragma GCC diagnostic pop

}  // namespace memsizer::cpu
