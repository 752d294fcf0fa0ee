#pragma once
// Sine and cosine of a number of any size. CUDA's own reduce a large number by way of an array in memory, so
// that a kernel that calls them has a stack. These read the digits of 2 / pi from a constant table and keep
// all else in registers.

#include <cmath>
#include <cstdint>

#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// x = (quarter + a multiple of 4) pi / 2 + rest, with |rest| <= pi / 4.
struct ReducedAngle {
  unsigned quarter = 0;
  double rest = 0;
};

/// 64 binary digits of 2 / pi, the first of weight 2^(63 - first). Digits of whole numbers are 0.
__device__ inline std::uint64_t digits_of_two_over_pi(int first) {
  static constexpr std::uint64_t words[] = {0,
                                            0xa2f9836e4e441529,
                                            0xfc2757d1f534ddc0,
                                            0xdb6295993c439041,
                                            0xfe5163abdebbc561,
                                            0xb7246e3a424dd2e0,
                                            0x06492eea09d1921c,
                                            0xfe1deb1cb129a73e,
                                            0xe88235f52ebb4484,
                                            0xe99c7026b45f7e41,
                                            0x3991d639835339f4,
                                            0x9c845f8bbdf9283b,
                                            0x1ff897ffde05980f,
                                            0xef2f118b5a0a6d1f,
                                            0x6d367ecf27cb09b7,
                                            0x4f463f669e5fea2d,
                                            0x7527bac7ebe5f17b,
                                            0x3d0739f78a5292ea,
                                            0x6bfb5fb11f8d5d08,
                                            0x56033046fc7b6bab};
  const int word = first / 64, shift = first % 64;
  return words[word] << shift | (words[word + 1] >> 1) >> (63 - shift);
}

/// Payne and Hanek's reduction (Radian reduction for trigonometric functions, 1983), for pi / 4 <= x < inf.
/// With x = m 2^e, m a whole number of 53 bits, x 2 / pi counts quarters of a turn. Digits of 2 / pi with
/// weights of 2^(2 - e) or more add multiples of four quarters, which change nothing. The product of m with
/// the next 192 digits, modulo 2^192, has two bits of quarters and then their fraction, of which 126 bits are
/// kept; what is left out is below 2^-125 of a quarter. No double from pi / 4 on lies within 2^-62 of a
/// quarter of a whole number of them (6381956970095103 2^797 comes nearest), so at least 63 digits are right
/// behind the fraction's zeros.
__device__ inline ReducedAngle reduce_large(double x) {
  __extension__ typedef unsigned __int128 Wide;  // No part of ISO C++; the keyword says that we know.
  int exponent;
  const auto m = static_cast<std::uint64_t>(std::ldexp(std::frexp(x, &exponent), 53));
  const int first = exponent - 53 + 62;  // the digit of weight 2^(1 - e)
  const Wide middle = Wide{m} * digits_of_two_over_pi(first + 64);
  const Wide last = Wide{m} * digits_of_two_over_pi(first + 128);
  const Wide product = (Wide{m * digits_of_two_over_pi(first)} << 64) + middle + (last >> 64);
  const Wide fraction = product << 2;
  // Read as a signed number, a fraction of one half or more counts back from the next quarter.
  const auto high = static_cast<std::int64_t>(static_cast<std::uint64_t>(fraction >> 64));
  const auto low = static_cast<std::uint64_t>(fraction);
  // The fraction is upper + lower, where upper is exact: it has no more digits than a double. Both have the
  // same sign, so that nothing cancels. pi / 2 is exact, too, as the sum of two doubles.
  const std::int64_t last_digits = high % 2048;
  const double upper = static_cast<double>(high - last_digits) * 0x1p-64;
  const double lower = static_cast<double>(last_digits) * 0x1p-64 + static_cast<double>(low) * 0x1p-128;
  constexpr double right_angle = 1.57079632679489661923, right_angle_rest = 6.123233995736766e-17;
  const double rest = upper * right_angle;
  const double rounded_away = std::fma(upper, right_angle, -rest);
  return {static_cast<unsigned>(product >> 126) + (high < 0 ? 1u : 0u),
          rest + (rounded_away + (lower * right_angle + upper * right_angle_rest))};
}

__device__ inline ReducedAngle reduced(double x) {
  const double size = std::abs(x);
  if (!(size >= 0.78539816339744830962)) return {0, x};
  const ReducedAngle angle = reduce_large(size);
  return x < 0 ? ReducedAngle{0u - angle.quarter, -angle.rest} : angle;
}

/// The sine of x after `quarters` more quarters of a turn: Taylor's series of sine or cosine at the rest,
/// whose first omitted term is below a tenth of the last digit. NaN for an infinity.
__device__ inline double turned_sine(double x, unsigned quarters) {
  if (!std::isfinite(x)) return x - x;
  const ReducedAngle angle = reduced(x);
  const unsigned quarter = quarters + angle.quarter;
  const bool is_cosine = quarter % 2 != 0;
  const double square = angle.rest * angle.rest;
  double series = 1;
  MEMSIZER_UNROLL for (int k = 16; k > 0; k -= 2) {
    series = 1 - square * (is_cosine ? 1.0 / (k * (k - 1)) : 1.0 / (k * (k + 1))) * series;
  }
  const double value = is_cosine ? series : angle.rest * series;
  return quarter % 4 < 2 ? value : -value;
}

/// sin x, within three units of the last place. A float is computed in double, so it is within one.
template <class A>
__device__ A sine(A x) {
  return static_cast<A>(turned_sine(static_cast<double>(x), 0));
}

/// cos x = sin(x + pi / 2), as exactly.
template <class A>
__device__ A cosine(A x) {
  return static_cast<A>(turned_sine(static_cast<double>(x), 1));
}

}  // namespace memsizer::MEMSIZER_DEVICE
