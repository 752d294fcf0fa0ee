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
    const T scale = static_cast<T>(scale_);
    Index i = 0;
    while (i < n) {
      const std::uint64_t element = first + static_cast<std::uint64_t>(i);
      const RandomWords words = philox(key_, element / 4);
      const Index stop = std::min<Index>(n, i + 4 - static_cast<Index>(element % 4));
      for (Index w = static_cast<Index>(element % 4); i < stop; ++i, ++w)
        factors[i] = words.word[w] >= threshold_ ? scale : T(0);
    }
  }

 private:
  std::uint64_t key_;
  std::uint64_t threshold_;
  double scale_;
};

}  // namespace memsizer::cpu
