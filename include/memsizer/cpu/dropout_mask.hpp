#pragma once
// The dropout mask of a range of elements, drawn from counters (device/arguments.hpp says how). So forward
// and backward see the same mask, and nobody stores it.

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "memsizer/base/random.hpp"
#include "memsizer/device/arguments.hpp"

namespace memsizer::cpu {

/// The factor of each element: 0, or 1 over the share that is kept.
class DropoutMask {
 public:
  explicit DropoutMask(const Dropout& dropout)
      : key_(dropout ? mix_keys(*dropout.step_key, dropout.stream) : 0),
        threshold_(dropout.threshold()),
        attention_threshold_(dropout.attention_threshold()),
        scale_(dropout.scale()),
        attention_scale_(dropout.attention_scale()) {}

  /// factors[i] = the factor of element first + i, i < n.
  template <class T>
  void fill(T* factors, std::uint64_t first, Index n) const {
    fill_by_draws<std::uint32_t>(factors, first, 0, n, threshold_, static_cast<T>(scale_));
  }

  /// factors[j] = the factor of an attention's row and key first + j, j < n.
  template <class T>
  void fill_keys(T* factors, std::uint64_t row, Index first, Index n) const {
    fill_by_draws<std::uint16_t>(factors, static_cast<std::uint64_t>(first), row, n, attention_threshold_,
                                 static_cast<T>(attention_scale_));
  }

 private:
  using EightLanes [[gnu::vector_size(64)]] = std::uint64_t;
  using FourLanes [[gnu::vector_size(32)]] = std::uint64_t;

  /// factors[i] = the factor by part first + i of the words drawn under counter_high; a Part is a word or
  /// half a word.
  template <class Part, class T>
  void fill_by_draws(T* factors, std::uint64_t first, std::uint64_t counter_high, Index n,
                     std::uint32_t threshold, T scale) const {
    constexpr Index parts = 16 / sizeof(Part);  // of a counter
    Index i = 0;
    while (i < n) {
      const std::uint64_t at = first + static_cast<std::uint64_t>(i), counter = at / parts;
      const Index skipped = static_cast<Index>(at % parts);
      if (skipped == 0 && n - i >= 8 * parts) {
        draw<8, Part>(factors + i, counter, counter_high, threshold, scale);
        i += 8 * parts;
      } else if (skipped == 0 && n - i >= 4 * parts) {
        draw<4, Part>(factors + i, counter, counter_high, threshold, scale);
        i += 4 * parts;
      } else {
        T drawn[4 * parts];
        draw<4, Part>(drawn, counter, counter_high, threshold, scale);
        const Index count = std::min(n - i, 4 * parts - skipped);
        std::copy_n(drawn + skipped, count, factors + i);
        i += count;
      }
    }
  }

  /// The factors of `lanes` counters from counter_low on: philox of base/random.hpp on all lanes at once,
  /// with each 32-bit word in 64 bits.
  template <int lanes, class Part, class T>
  void draw(T* factors, std::uint64_t counter_low, std::uint64_t counter_high, std::uint32_t threshold,
            T scale) const {
    using Lanes = std::conditional_t<lanes == 8, EightLanes, FourLanes>;
    constexpr std::uint64_t low = 0xFFFFFFFF;
    Lanes counters;
    for (int i = 0; i < lanes; ++i) counters[i] = counter_low + static_cast<std::uint64_t>(i);
    Lanes c0 = counters & low, c1 = counters >> 32;
    Lanes c2 = Lanes{} + (counter_high & low), c3 = Lanes{} + (counter_high >> 32);
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
    constexpr int count = lanes * 16 / static_cast<int>(sizeof(Part));
    Part parts[count];
    std::memcpy(parts, pairs, sizeof parts);
    for (int i = 0; i < count; ++i) factors[i] = parts[i] >= threshold ? scale : T(0);
  }

  std::uint64_t key_;
  std::uint32_t threshold_, attention_threshold_;
  double scale_, attention_scale_;
};

}  // namespace memsizer::cpu
