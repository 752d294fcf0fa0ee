#pragma once
// The dropout mask of a range of elements, drawn from counters (arguments.hpp says how), so that forward and
// backward see the same without storing it.

#include <algorithm>
#include <cmath>

#include "memsizer/base/random.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

/// What multiplies each element: 0 or 1 / (1 - probability).
class DropoutMask {
 public:
  explicit DropoutMask(const Dropout& dropout)
      : key_(dropout ? mix_keys(*dropout.step_key, dropout.stream) : 0),
        threshold_(static_cast<std::uint64_t>(std::ldexp(static_cast<double>(dropout.probability), 32))),
        scale_(1 / (1 - static_cast<double>(dropout.probability))) {}

  /// factors[i] = the factor of element first + i, i < n.
  template <class T>
  void fill(T* factors, std::uint64_t first, Index n) const {
    Index i = 0;
    while (i < n) {
      const std::uint64_t element = first + static_cast<std::uint64_t>(i);
      T drawn[lanes * 4];
      if (element % 4 == 0 && n - i >= lanes * 4) {
        draw(factors + i, element / 4);
        i += lanes * 4;
        continue;
      }
      draw(drawn, element / 4);
      const Index skipped = static_cast<Index>(element % 4), count = std::min(n - i, lanes * 4 - skipped);
      std::copy_n(drawn + skipped, count, factors + i);
      i += count;
    }
  }

 private:
  static constexpr Index lanes = 16;  // counters at once

  /// The factors of 4 * lanes elements. This is base/random.hpp's philox with the loop over counters inside the
  /// loop over rounds, and each 32-bit word in 64 bits, so that compilers turn it into vector instructions.
  template <class T>
  void draw(T* factors, std::uint64_t counter) const {
    constexpr std::uint64_t low = 0xFFFFFFFF;
    std::uint64_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
    for (Index i = 0; i < lanes; ++i) {
      c0[i] = (counter + static_cast<std::uint64_t>(i)) & low;
      c1[i] = (counter + static_cast<std::uint64_t>(i)) >> 32;
      c2[i] = c3[i] = 0;
    }
    std::uint64_t k0 = key_ & low, k1 = key_ >> 32;
    for (int round = 0; round < 10; ++round) {
      for (Index i = 0; i < lanes; ++i) {
        const std::uint64_t product0 = 0xD2511F53 * c0[i], product1 = 0xCD9E8D57 * c2[i];
        c0[i] = (product1 >> 32) ^ c1[i] ^ k0;
        c1[i] = product1 & low;
        c2[i] = (product0 >> 32) ^ c3[i] ^ k1;
        c3[i] = product0 & low;
      }
      k0 = (k0 + 0x9E3779B9) & low;
      k1 = (k1 + 0xBB67AE85) & low;
    }
    const T scale = static_cast<T>(scale_);
    for (Index i = 0; i < lanes; ++i) {
      factors[4 * i] = c0[i] >= threshold_ ? scale : T(0);
      factors[4 * i + 1] = c1[i] >= threshold_ ? scale : T(0);
      factors[4 * i + 2] = c2[i] >= threshold_ ? scale : T(0);
      factors[4 * i + 3] = c3[i] >= threshold_ ? scale : T(0);
    }
  }

  std::uint64_t key_;
  std::uint64_t threshold_;
  double scale_;
};

}  // namespace memsizer::cpu
