#pragma once
// The dropout mask of a range of elements, drawn from counters (arguments.hpp says how), so that forward and
// backward see the same without storing it.

#include <algorithm>
#include <cstring>

#include "memsizer/base/random.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

/// What multiplies each element: 0 or 1 / (1 - probability).
class DropoutMask {
 public:
  explicit DropoutMask(const Dropout& dropout)
      : key_(dropout ? mix_keys(*dropout.step_key, dropout.stream) : 0),
        threshold_(dropout.threshold()),
        scale_(dropout.scale()) {}

  /// factors[i] = the factor of element first + i, i < n.
  template <class T>
  void fill(T* factors, std::uint64_t first, Index n) const {
    Index i = 0;
    while (i < n) {
      const std::uint64_t element = first + static_cast<std::uint64_t>(i);
      const Index skipped = static_cast<Index>(element % 4);
      if (skipped == 0 && n - i >= drawn_at_once) {
        draw(factors + i, element / 4);
        i += drawn_at_once;
      } else {
        T drawn[drawn_at_once];
        draw(drawn, element / 4);
        const Index count = std::min(n - i, drawn_at_once - skipped);
        std::copy_n(drawn + skipped, count, factors + i);
        i += count;
      }
    }
  }

 private:
  static constexpr int lanes = 8;  // counters at once
  static constexpr Index drawn_at_once = 4 * lanes;
  using Lanes [[gnu::vector_size(lanes * 8)]] = std::uint64_t;

  /// The factors of 4 * lanes elements: base/random.hpp's philox on many counters at once, with each 32-bit
  /// word in 64 bits.
  template <class T>
  void draw(T* factors, std::uint64_t counter) const {
    constexpr std::uint64_t low = 0xFFFFFFFF;
    const Lanes counters = counter + Lanes{0, 1, 2, 3, 4, 5, 6, 7};
    Lanes c0 = counters & low, c1 = counters >> 32, c2 = {}, c3 = {};
    std::uint64_t k0 = key_ & low, k1 = key_ >> 32;
    for (int round = 0; round < 10; ++round) {
      const Lanes product0 = c0 * 0xD2511F53, product1 = c2 * 0xCD9E8D57;
      c0 = (product1 >> 32) ^ c1 ^ k0;
      c1 = product1 & low;
      c2 = (product0 >> 32) ^ c3 ^ k1;
      c3 = product0 & low;
      k0 = (k0 + 0x9E3779B9) & low;
      k1 = (k1 + 0xBB67AE85) & low;
    }
    // The words in order, two at a time (on a little-endian machine).
    const Lanes first = c0 | c1 << 32, second = c2 | c3 << 32;
    std::uint64_t pairs[2 * lanes];
    for (int i = 0; i < lanes; ++i) {
      pairs[2 * i] = first[i];
      pairs[2 * i + 1] = second[i];
    }
    std::uint32_t words[4 * lanes];
    std::memcpy(words, pairs, sizeof words);
    const T scale = static_cast<T>(scale_);
    for (int i = 0; i < 4 * lanes; ++i) factors[i] = words[i] >= threshold_ ? scale : T(0);
  }

  std::uint64_t key_;
  std::uint32_t threshold_;
  double scale_;
};

}  // namespace memsizer::cpu
