#pragma once
// Functions whose value does not depend on an element's place in the array. Eigen computes whole packets by
// its own polynomials, and the remaining elements by the standard library. The two differ in the last digits
// and at the ends of the range: exp(100) is 2.4e38 in a packet and infinite for a single float. Here a single
// element is computed as a packet of equal elements.

#include "memsizer/cpu/array.hpp"

namespace memsizer::cpu {

/// One of Eigen's functions of one number, for packets and single elements alike. If Eigen has no packets of
/// the function (for example erf of double), every element is a single one.
template <class Function>
struct OfWholePackets {
  template <class T>
  static constexpr bool has_packets = bool{packets::functor_traits<Function>::PacketAccess};

  template <class V>
  static V value(const V& x) {
    if constexpr (!has_packets<V>)
      return Function()(x);
    else if constexpr (std::is_arithmetic_v<V>)
      return packets::pfirst(Function().packetOp(packets::pset1<PacketOf<V>>(x)));
    else
      return Function().packetOp(x);
  }
};

/// e^x. Eigen's packets reach neither infinity nor, on every machine, zero: beyond the range of T's normal
/// numbers e^x is infinite or 0 here. `most_is_0` means that x is at most 0, except for rounding.
template <class T, bool most_is_0>
struct ExponentialFunction {
  template <class Packet>
  Packet packetOp(const Packet& x) const {
    using namespace packets;
    constexpr bool single = sizeof(T) == 4;
    const Packet smallest = pset1<Packet>(single ? T(-87.336544) : T(-708.39641853226408));
    if constexpr (most_is_0) return pandnot(pexp(x), pcmp_lt(x, smallest));
    const Packet is_large = pcmp_lt(pset1<Packet>(single ? T(87) : T(708)), x);
    const Packet value = pexp(psub(x, pand(is_large, pset1<Packet>(T(1)))));
    const Packet scaled = pmul(value, pset1<Packet>(T(2.71828182845904523536)));
    return pandnot(pselect(is_large, scaled, value), pcmp_lt(x, smallest));
  }
  /// Used if Eigen has no packets, as under nvcc.
  T operator()(const T& x) const {
    constexpr T smallest = sizeof(T) == 4 ? T(-87.336544) : T(-708.39641853226408);
    return x < smallest ? T(0) : std::exp(x);
  }
};

}  // namespace memsizer::cpu

template <class T, bool most_is_0>
struct Eigen::internal::functor_traits<memsizer::cpu::ExponentialFunction<T, most_is_0>>
    : Eigen::internal::functor_traits<Eigen::internal::scalar_exp_op<T>> {};

namespace memsizer::cpu {

template <class Function, Expression X>
Unary<OfWholePackets<Function>, X> of_whole_packets(const X& x) {
  return {x};
}

// The functions of arrays.

/// e^x for x = score - maximum of the scores: exactly 0 for a score of -infinity.
template <Expression X>
auto softmax_weight(const X& x) {
  return of_whole_packets<ExponentialFunction<typename X::Number, true>>(x);
}
template <Expression X>
auto logarithm(const X& x) {
  return of_whole_packets<packets::scalar_log_op<typename X::Number>>(x);
}
template <Expression X>
auto square_root(const X& x) {
  return of_whole_packets<packets::scalar_sqrt_op<typename X::Number>>(x);
}

}  // namespace memsizer::cpu
