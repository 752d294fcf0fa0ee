#pragma once
// Expressions over contiguous arrays, such as y = a * x + b. An expression is a small object that computes
// its number at a place, or a packet of numbers from a place on. Nothing is stored in between: the loop runs
// when an expression is assigned or summed. Eigen's arrays do the same, but the compiler spends ten times as
// long on each expression of theirs (docs/choices.md).

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <type_traits>

#include "memsizer/base/checked.hpp"

namespace memsizer::cpu {

namespace packets = Eigen::internal;

/// The widest packet of T that the machine computes with.
template <class T>
using PacketOf = typename packets::packet_traits<T>::type;

/// What has a Number, size(), at(place) and, if has_packets, packet(place).
template <class X>
concept Expression = requires {
  typename X::Number;
};

/// The same number at every place.
template <class T>
struct Constant {
  using Number = T;
  static constexpr bool has_packets = true;

  T number;
  Index length;

  Index size() const { return length; }
  T at(Index) const { return number; }
  PacketOf<T> packet(Index) const { return packets::pset1<PacketOf<T>>(number); }
};

/// Function::value(x) at every place.
template <class Function, class X>
struct Unary {
  using Number = typename X::Number;
  static constexpr bool has_packets = X::has_packets && Function::template has_packets<Number>;

  X x;

  Index size() const { return x.size(); }
  Number at(Index i) const { return Function::value(x.at(i)); }
  PacketOf<Number> packet(Index i) const { return Function::value(x.packet(i)); }
};

/// Function::value(x, y) at every place.
template <class Function, class X, class Y>
struct Binary {
  using Number = typename X::Number;
  static constexpr bool has_packets = X::has_packets && Y::has_packets;

  X x;
  Y y;

  Index size() const { return x.size(); }
  Number at(Index i) const { return Function::value(x.at(i), y.at(i)); }
  PacketOf<Number> packet(Index i) const { return Function::value(x.packet(i), y.packet(i)); }
};

/// The numbers of x in another type.
template <class To, class X>
struct Converted {
  using Number = To;
  static constexpr bool has_packets = false;

  X x;

  Index size() const { return x.size(); }
  To at(Index i) const { return static_cast<To>(x.at(i)); }
};

// The functions, of packets and of single numbers alike: padd(a, b) is Eigen's word for a + b of both.

struct AddFunction {
  template <class V>
  static V value(const V& a, const V& b) {
    return packets::padd(a, b);
  }
};
struct SubtractFunction {
  template <class V>
  static V value(const V& a, const V& b) {
    return packets::psub(a, b);
  }
};
struct MultiplyFunction {
  template <class V>
  static V value(const V& a, const V& b) {
    return packets::pmul(a, b);
  }
};
struct DivideFunction {
  template <class V>
  static V value(const V& a, const V& b) {
    return packets::pdiv(a, b);
  }
};
/// If one of them is NaN, it may give the other.
struct LargerFunction {
  template <class V>
  static V value(const V& a, const V& b) {
    return packets::pmax(a, b);
  }
};
struct NegateFunction {
  template <class T>
  static constexpr bool has_packets = true;
  template <class V>
  static V value(const V& a) {
    return packets::pnegate(a);
  }
};
struct SquareFunction {
  template <class T>
  static constexpr bool has_packets = true;
  template <class V>
  static V value(const V& a) {
    return packets::pmul(a, a);
  }
};

template <Expression X>
Constant<typename X::Number> like(const X& x, typename X::Number number) {
  return {number, x.size()};
}

template <Expression X, Expression Y>
Binary<AddFunction, X, Y> operator+(const X& x, const Y& y) {
  return {x, y};
}
template <Expression X>
auto operator+(const X& x, typename X::Number y) {
  return x + like(x, y);
}
template <Expression X, Expression Y>
Binary<SubtractFunction, X, Y> operator-(const X& x, const Y& y) {
  return {x, y};
}
template <Expression X>
auto operator-(const X& x, typename X::Number y) {
  return x - like(x, y);
}
template <Expression X, Expression Y>
Binary<MultiplyFunction, X, Y> operator*(const X& x, const Y& y) {
  return {x, y};
}
template <Expression X>
auto operator*(const X& x, typename X::Number y) {
  return x * like(x, y);
}
template <Expression Y>
auto operator*(typename Y::Number x, const Y& y) {
  return like(y, x) * y;
}
template <Expression X, Expression Y>
Binary<DivideFunction, X, Y> operator/(const X& x, const Y& y) {
  return {x, y};
}
template <Expression X>
Unary<NegateFunction, X> operator-(const X& x) {
  return {x};
}
template <Expression X>
Unary<SquareFunction, X> square_of(const X& x) {
  return {x};
}
template <Expression X, Expression Y>
Binary<LargerFunction, X, Y> larger_of(const X& x, const Y& y) {
  return {x, y};
}

/// x itself if its numbers have the type already.
template <class To, Expression X>
auto converted(const X& x) {
  if constexpr (std::is_same_v<To, typename X::Number>)
    return x;
  else
    return Converted<To, X>{x};
}

/// The number of places of an expression that are computed as whole packets.
template <Expression X>
Index packed_places(const X& x) {
  if constexpr (!X::has_packets) return 0;
  return x.size() - x.size() % Index{packets::packet_traits<typename X::Number>::size};
}

/// y[i] = x at place i, for all of its places.
template <class T, class X>
void evaluate(T* y, const X x) {  // a copy, of which the compiler knows that nothing written to y changes it
  const Index n = x.size(), packed = packed_places(x);
  if constexpr (X::has_packets)
    for (Index i = 0; i < packed; i += packets::packet_traits<T>::size) packets::pstoreu(y + i, x.packet(i));
  for (Index i = packed; i < n; ++i) y[i] = x.at(i);
}

/// The sum of an expression's numbers. The order of the additions depends on their number alone.
template <Expression X>
typename X::Number sum_of(const X& x) {
  using T = typename X::Number;
  const Index n = x.size(), packed = packed_places(x);
  T sum = 0;
  if constexpr (X::has_packets) {
    constexpr Index width = packets::packet_traits<T>::size;
    auto even = packets::pset1<PacketOf<T>>(T(0)), odd = even;  // two sums, since an addition takes long
    Index i = 0;
    for (; i + width < packed; i += 2 * width) {
      even = packets::padd(even, x.packet(i));
      odd = packets::padd(odd, x.packet(i + width));
    }
    if (i < packed) even = packets::padd(even, x.packet(i));
    sum = packets::predux(packets::padd(even, odd));
  }
  for (Index i = packed; i < n; ++i) sum += x.at(i);
  return sum;
}

/// The larger of two numbers; NaN if one of them is NaN.
template <class T>
T larger(T a, T b) {
  return b > a || std::isnan(b) ? b : a;
}

/// The largest of an expression's numbers, -inf if there is none. If one of them is NaN, it is NaN with
/// Eigen::PropagateNaN; else a NaN may be skipped, which is faster.
template <int nan_rule = Eigen::PropagateFast, Expression X>
typename X::Number largest_of(const X& x) {
  using T = typename X::Number;
  const Index n = x.size(), packed = packed_places(x);
  T largest = -std::numeric_limits<T>::infinity();
  if constexpr (X::has_packets) {
    constexpr Index width = packets::packet_traits<T>::size;
    auto even = packets::pset1<PacketOf<T>>(largest), odd = even;
    Index i = 0;
    for (; i + width < packed; i += 2 * width) {
      even = packets::pmax<nan_rule>(even, x.packet(i));
      odd = packets::pmax<nan_rule>(odd, x.packet(i + width));
    }
    if (i < packed) even = packets::pmax<nan_rule>(even, x.packet(i));
    largest = packets::predux_max<nan_rule>(packets::pmax<nan_rule>(even, odd));
  }
  for (Index i = packed; i < n; ++i) largest = larger(largest, x.at(i));
  return largest;
}

/// Contiguous elements somewhere in memory. An assignment writes the elements.
template <class T>
class Array {
 public:
  using Number = std::remove_const_t<T>;
  static constexpr bool has_packets = true;

  Array(T* data, Index size) : data_(data), size_(size) {}
  Array(const Array&) = default;

  T* data() const { return data_; }
  Index size() const { return size_; }
  T& operator[](Index i) const { return data_[i]; }
  Number at(Index i) const { return data_[i]; }
  PacketOf<Number> packet(Index i) const { return packets::ploadu<PacketOf<Number>>(data_ + i); }

  const Array& operator=(const Array& x) const { return assign(x); }
  template <Expression X>
  const Array& operator=(const X& x) const {
    return assign(x);
  }
  const Array& operator=(Number number) const { return assign(like(*this, number)); }

  // x is an expression or a number.
  template <class X>
  const Array& operator+=(const X& x) const {
    return assign(*this + x);
  }
  template <class X>
  const Array& operator-=(const X& x) const {
    return assign(*this - x);
  }
  template <class X>
  const Array& operator*=(const X& x) const {
    return assign(*this * x);
  }

 private:
  template <class X>
  const Array& assign(const X& x) const {
    evaluate(data_, x);
    return *this;
  }

  T* data_;
  Index size_;
};

template <class T>
Array<T> array(T* data, Index n) {
  return {data, n};
}

}  // namespace memsizer::cpu
