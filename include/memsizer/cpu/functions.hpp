#pragma once
// The unary functions and their gradients, and the loops that apply them to arrays.
//
// A function is written once, for a packet of numbers and for a single number alike, with the words that
// Eigen has for both (padd(a, b) is a + b). We don't write them as array expressions: these compile five
// times as long.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>
#include <unsupported/Eigen/SpecialFunctions>

#include "memsizer/cpu/whole_packets.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

template <class V>
using NumberOf = typename packets::unpacket_traits<V>::type;

/// A packet of one number.
template <class V>
V all(double number) {
  return packets::pset1<V>(static_cast<NumberOf<V>>(number));
}

/// One of Eigen's functions of one number, of a packet or of a number.
template <class Function, class V>
V apply(const V& x) {
  if constexpr (std::is_arithmetic_v<V>)
    return Function()(x);
  else
    return Function().packetOp(x);
}

template <class V>
V exponential_of(const V& x) {
  return apply<ExponentialFunction<NumberOf<V>, false>>(x);
}
/// IEEE's square root, number by number. Eigen's packets of floats take x (1 / sqrt x), which is NaN at
/// infinity and 0 for the smallest numbers.
template <class V>
V square_root_of(const V& x) {
  if constexpr (std::is_arithmetic_v<V>) {
    return std::sqrt(x);
  } else {
    NumberOf<V> numbers[packets::unpacket_traits<V>::size];
    packets::pstoreu(numbers, x);
    for (NumberOf<V>& number : numbers) number = std::sqrt(number);
    return packets::ploadu<V>(numbers);
  }
}
/// 1 / (1 + e^-x)
template <class V>
V logistic_of(const V& x) {
  return apply<packets::scalar_logistic_op<NumberOf<V>>>(x);
}
/// The cumulative normal distribution P(x) = (1 + erf(x / sqrt 2)) / 2.
template <class V>
V normal_cdf_of(const V& x) {
  const V erf = apply<packets::scalar_erf_op<NumberOf<V>>>(packets::pmul(x, all<V>(1 / std::numbers::sqrt2)));
  return packets::padd(all<V>(0.5), packets::pmul(all<V>(0.5), erf));
}

// Each function has value(x) and gradient(x, dy) = f'(x) dy.

/// A function that stands on one of Eigen's. Where Eigen has no packets of that (tanh of double, for
/// example), every element is computed as a single number, by the standard library.
template <template <class> class Function>
struct StandsOn {
  template <class T>
  static constexpr bool has_packets = bool{packets::functor_traits<Function<T>>::PacketAccess};
};

struct Negate : StandsOn<packets::scalar_opposite_op> {
  template <class V>
  static V value(const V& x) {
    return packets::pnegate(x);
  }
  template <class V>
  static V gradient(const V&, const V& dy) {
    return packets::pnegate(dy);
  }
};

struct Exp : StandsOn<packets::scalar_exp_op> {
  template <class V>
  static V value(const V& x) {
    return exponential_of(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pmul(exponential_of(x), dy);
  }
};

struct Log : StandsOn<packets::scalar_log_op> {
  template <class V>
  static V value(const V& x) {
    return apply<packets::scalar_log_op<NumberOf<V>>>(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pdiv(dy, x);
  }
};

struct Sqrt : StandsOn<packets::scalar_sqrt_op> {
  template <class V>
  static V value(const V& x) {
    return square_root_of(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pdiv(dy, packets::pmul(square_root_of(x), all<V>(2)));
  }
};

struct Reciprocal : StandsOn<packets::scalar_inverse_op> {
  template <class V>
  static V value(const V& x) {
    return packets::pdiv(all<V>(1), x);
  }
  /// We divide twice, since the square may overflow when the gradient does not.
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pdiv(packets::pnegate(packets::pdiv(dy, x)), x);
  }
};

struct Square : StandsOn<packets::scalar_square_op> {
  template <class V>
  static V value(const V& x) {
    return packets::pmul(x, x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pmul(packets::pmul(x, dy), all<V>(2));
  }
};

/// The derivative at 0 is 0.
struct Absolute : StandsOn<packets::scalar_abs_op> {
  template <class V>
  static V value(const V& x) {
    return packets::pabs(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    using namespace packets;
    const V zero = all<V>(0);
    return pselect(pcmp_lt(x, zero), pnegate(dy), pandnot(dy, pcmp_eq(x, zero)));
  }
};

struct Tanh : StandsOn<packets::scalar_tanh_op> {
  template <class V>
  static V value(const V& x) {
    return apply<packets::scalar_tanh_op<NumberOf<V>>>(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    const V tanh = value(x);
    return packets::pmul(packets::psub(all<V>(1), packets::pmul(tanh, tanh)), dy);
  }
};

/// 1 / (1 + e^-x)
struct Sigmoid : StandsOn<packets::scalar_logistic_op> {
  template <class V>
  static V value(const V& x) {
    return logistic_of(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pmul(packets::pmul(logistic_of(x), logistic_of(packets::pnegate(x))), dy);
  }
};

/// max(x, 0), NaN where x is NaN. The derivative at 0 is 0.
struct Relu : StandsOn<packets::scalar_opposite_op> {
  template <class V>
  static V value(const V& x) {
    return packets::pandnot(x, packets::pcmp_lt(x, all<V>(0)));
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pandnot(dy, packets::pcmp_le(x, all<V>(0)));
  }
};

/// elu(x) + 1 (Clevert et al. 2015), which is x + 1 above 0 and e^x below: We never compute the difference
/// e^x - 1, so that the result stays above 0.
struct EluPlusOne : StandsOn<packets::scalar_exp_op> {
  template <class V>
  static V value(const V& x) {
    return packets::padd(packets::pmax(x, all<V>(0)), exponential_of(packets::pmin(x, all<V>(0))));
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return packets::pmul(exponential_of(packets::pmin(x, all<V>(0))), dy);
  }
};

/// A function of the standard library, element by element: Eigen's packets would differ from its single
/// numbers.
struct ByElements {
  template <class T>
  static constexpr bool has_packets = false;
};

struct Sine : ByElements {
  template <class V>
  static V value(const V& x) {
    return std::sin(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return std::cos(x) * dy;
  }
};

struct Cosine : ByElements {
  template <class V>
  static V value(const V& x) {
    return std::cos(x);
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    return -std::sin(x) * dy;
  }
};

/// x P(x) (Hendrycks and Gimpel 2016), exact. The derivative is P(x) + x p(x) with p the normal density.
struct Gelu : StandsOn<packets::scalar_erf_op> {
  template <class V>
  static V value(const V& x) {
    return packets::pmul(x, normal_cdf_of(x));
  }
  template <class V>
  static V gradient(const V& x, const V& dy) {
    using namespace packets;
    constexpr double density_at_0 = std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    const V bell = exponential_of(pmul(pmul(x, x), all<V>(-0.5)));
    return pmul(padd(normal_cdf_of(x), pmul(pmul(x, bell), all<V>(density_at_0))), dy);
  }
};

/// x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3) = x sigmoid(2 u).
/// With s = sigmoid(2 u) the derivative is s + x s (1 - s) 2 u'.
struct GeluTanh : StandsOn<packets::scalar_logistic_op> {
  /// Below -100 the sigmoid is 0, or so small that it matters only for a very large x.
  template <class V>
  static V value(const V& x) {
    return packets::pmul(packets::pmax(x, all<V>(-100)), logistic_of(scaled(x, 0.044715)));
  }
  /// Beyond +-10 the derivative is 0 or 1; further out u' would overflow.
  template <class V>
  static V gradient(const V& x, const V& dy) {
    using namespace packets;
    const V near = pmin(pmax(x, all<V>(-10)), all<V>(10));
    const V twice_u = scaled(near, 0.044715), twice_slope = scaled(near, 3 * 0.044715);
    const V rest = logistic_of(pnegate(twice_u));
    return pmul(pmul(logistic_of(twice_u), padd(all<V>(1), pmul(twice_slope, rest))), dy);
  }

 private:
  /// 2 sqrt(2 / pi) (x + cubic x^3): 2 u, and x times the derivative of 2 u.
  template <class V>
  static V scaled(const V& x, double cubic) {
    constexpr double factor = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
    const V square = packets::pmul(x, x);
    return packets::pmul(x, packets::padd(all<V>(factor), packets::pmul(all<V>(factor * cubic), square)));
  }
};

/// y[i] = f(x[i]...) for arrays of n elements; y may be one of them. The last elements are computed as a
/// packet too, with zeros beside them, so that a value does not depend on an element's place.
template <class Function, class T, class F, class... Arrays>
void for_each_packet(Index n, const F& f, T* y, const Arrays*... x) {
  Index i = 0;
  if constexpr (Function::template has_packets<T>) {
    using Packet = typename packets::packet_traits<T>::type;
    constexpr Index size = packets::packet_traits<T>::size;
    for (; i + size <= n; i += size) packets::pstoreu(y + i, f(packets::ploadu<Packet>(x + i)...));
    if (i == n) return;
    const auto load_rest = [&](const T* from) {
      T rest[size] = {};
      std::copy(from + i, from + n, rest);
      return packets::ploadu<Packet>(rest);
    };
    T rest[size];
    packets::pstoreu(rest, f(load_rest(x)...));
    std::copy_n(rest, n - i, y + i);
  } else {
    for (; i < n; ++i) y[i] = f(x[i]...);
  }
}

/// n elements of y = f(x); y may be x.
template <class Function, class T>
void apply_function(T* y, const T* x, Index n) {
  for_each_packet<Function>(
      n, [](const auto& v) { return Function::value(v); }, y, x);
}

/// n elements of dx = f'(x) dy.
template <class Function, class T>
void apply_gradient(T* dx, const T* x, const T* dy, Index n) {
  for_each_packet<Function>(
      n, [](const auto& v, const auto& d) { return Function::gradient(v, d); }, dx, x, dy);
}

/// Calls body(Function{}) for the function of this name.
template <class Body>
void with_function(UnaryFunction function, const Body& body) {
  switch (function) {
    case UnaryFunction::negate:
      return body(Negate{});
    case UnaryFunction::exp:
      return body(Exp{});
    case UnaryFunction::log:
      return body(Log{});
    case UnaryFunction::sqrt:
      return body(Sqrt{});
    case UnaryFunction::reciprocal:
      return body(Reciprocal{});
    case UnaryFunction::square:
      return body(Square{});
    case UnaryFunction::absolute:
      return body(Absolute{});
    case UnaryFunction::tanh:
      return body(Tanh{});
    case UnaryFunction::sigmoid:
      return body(Sigmoid{});
    case UnaryFunction::relu:
      return body(Relu{});
    case UnaryFunction::gelu:
      return body(Gelu{});
    case UnaryFunction::gelu_tanh:
      return body(GeluTanh{});
    case UnaryFunction::elu_plus_one:
      return body(EluPlusOne{});
    case UnaryFunction::sine:
      return body(Sine{});
    case UnaryFunction::cosine:
      return body(Cosine{});
  }
}

}  // namespace memsizer::cpu
