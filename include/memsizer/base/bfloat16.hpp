#pragma once
// The 16-bit floating-point type of training on GPUs: float's sign and exponent with 7 bits of mantissa.

#include <cstdint>
#include <type_traits>

#include "memsizer/base/accumulate.hpp"
#include "memsizer/base/host_device.hpp"

namespace memsizer {

/// The upper half of a float. A number is rounded to the nearest bfloat16, ties to the even one. Arithmetic
/// is done in float, to which a bfloat16 converts by itself: bfloat16(1.5f) + bfloat16(2.0f) is the float
/// 3.5. A number beyond the largest bfloat16, 3.39e38, becomes infinite; NaN stays NaN.
/// It calls the compiler's __builtin_bit_cast, because nvcc leaves a kernel empty, with no more than a
/// warning, if it calls std::bit_cast.
class bfloat16 {
 public:
  bfloat16() = default;

  template <class Number>
  requires std::is_arithmetic_v<Number> MEMSIZER_HOST_DEVICE explicit constexpr bfloat16(Number value)
      : bits_(rounded(single(value))) {}

  MEMSIZER_HOST_DEVICE constexpr operator float() const {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits_) << 16);
  }

  /// The number with these 16 bits.
  MEMSIZER_HOST_DEVICE static constexpr bfloat16 from_bits(std::uint16_t bits) {
    bfloat16 number;
    number.bits_ = bits;
    return number;
  }
  MEMSIZER_HOST_DEVICE constexpr std::uint16_t bits() const { return bits_; }

  MEMSIZER_HOST_DEVICE constexpr bfloat16& operator+=(float x) { return *this = bfloat16(*this + x); }
  MEMSIZER_HOST_DEVICE constexpr bfloat16& operator-=(float x) { return *this = bfloat16(*this - x); }
  MEMSIZER_HOST_DEVICE constexpr bfloat16& operator*=(float x) { return *this = bfloat16(*this * x); }
  MEMSIZER_HOST_DEVICE constexpr bfloat16& operator/=(float x) { return *this = bfloat16(*this / x); }

 private:
  template <class Number>
  MEMSIZER_HOST_DEVICE static constexpr float single(Number value) {
    if constexpr (std::is_same_v<Number, float>) return value;
    // Rounding twice must give the same as rounding once. So the first rounding is to odd: if it loses
    // something, it sets the last bit of the float, and no new tie arises.
    const auto exact = static_cast<double>(value);
    const auto nearest = static_cast<float>(exact);
    const auto bits = __builtin_bit_cast(std::uint32_t, nearest);
    const auto back = static_cast<double>(nearest);
    if (back == exact || exact != exact || (bits & 0x7F800000u) == 0x7F800000u || (bits & 1u) != 0)
      return nearest;
    const bool too_large = exact < 0 ? back < exact : back > exact;  // in magnitude
    return __builtin_bit_cast(float, too_large ? bits - 1 : bits + 1);
  }

  MEMSIZER_HOST_DEVICE static constexpr std::uint16_t rounded(float value) {
    const auto bits = __builtin_bit_cast(std::uint32_t, value);
    if (value != value) return static_cast<std::uint16_t>((bits >> 16) | 0x0040u);  // stays NaN when cut
    return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
  }

  std::uint16_t bits_ = 0;
};

template <>
struct AccumulateType<bfloat16> {
  using type = float;
};

/// Whether T is a type of numbers with which kernels compute; ids and keys are not.
template <class T>
inline constexpr bool is_element =
    std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, bfloat16>;

/// Whether sums of T are kept in T itself. Weights of any other type have master weights in Accumulate<T>.
template <class T>
inline constexpr bool accumulates_itself = std::is_same_v<T, Accumulate<T>>;

}  // namespace memsizer
