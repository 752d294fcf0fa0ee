#pragma once
// The dropout mask element by element, for any kernel that drops.

#include "memsizer/base/random.hpp"
#include "memsizer/device/arguments.hpp"

#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// What multiplies each element: 0 or 1 / (1 - probability) (arguments.hpp says how it is drawn).
struct DropoutMask {
  const std::uint64_t* step_key;  // null: no dropout
  std::uint64_t stream;
  std::uint32_t threshold;
  double scale;

  explicit DropoutMask(const Dropout& dropout)
      : step_key(dropout ? dropout.step_key : nullptr),
        stream(dropout.stream),
        threshold(dropout.threshold()),
        scale(dropout.scale()) {}

  template <class A>
  __device__ A factor(Index element) const {
    if (step_key == nullptr) return A(1);
    const RandomWords words = philox(mix_keys(*step_key, stream), static_cast<std::uint64_t>(element) / 4);
    return words.word[element % 4] >= threshold ? static_cast<A>(scale) : A(0);
  }
};

}  // namespace memsizer::MEMSIZER_DEVICE
