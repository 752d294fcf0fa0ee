#pragma once
// Size arithmetic that cannot wrap around: sizes come from files, and a product of two of them may not fit.

#include <cstdint>
#include <limits>
#include <span>

#include "memsizer/base/error.hpp"
#include "memsizer/base/host_device.hpp"

namespace memsizer {

/// Sizes and indices. Signed, so that differences and backward loops are safe.
using Index = std::int64_t;

/// a * b for a, b >= 0; InputError naming `what` if it does not fit an Index or an operand is negative.
inline Index checked_product(Index a, Index b, const char* what) {
  require(a >= 0 && b >= 0, what, ": negative size ", a < 0 ? a : b);
  require(b == 0 || a <= std::numeric_limits<Index>::max() / b, what, ": ", a, " x ", b,
          " overflows 64 bits");
  return a * b;
}

/// a + b for a, b >= 0; InputError naming `what` if it does not fit an Index or an operand is negative.
inline Index checked_sum(Index a, Index b, const char* what) {
  require(a >= 0 && b >= 0, what, ": negative size ", a < 0 ? a : b);
  require(a <= std::numeric_limits<Index>::max() - b, what, ": ", a, " + ", b, " overflows 64 bits");
  return a + b;
}

/// The product of all extents (1 for none).
inline Index checked_product(std::span<const Index> extents, const char* what) {
  Index product = 1;
  for (Index extent : extents) product = checked_product(product, extent, what);
  return product;
}

/// ceil(a / b) for a >= 0, b > 0.
MEMSIZER_HOST_DEVICE constexpr Index divide_up(Index a, Index b) {
  return (a + b - 1) / b;
}

/// a rounded up to a multiple of step, for a >= 0, step > 0.
MEMSIZER_HOST_DEVICE constexpr Index round_up(Index a, Index step) {
  return divide_up(a, step) * step;
}

}  // namespace memsizer
