#pragma once
// All kernels with dropout compute their mask here.

#include "memsizer/base/random.hpp"
#include "memsizer/device/arguments.hpp"

#include "kernels/portable.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The factor of each element: 0, or 1 / (the share of elements that are kept). arguments.hpp says how it is
/// drawn.
struct DropoutMask {
  const std::uint64_t* step_key;  // null: no dropout
  std::uint64_t stream;
  std::uint32_t threshold, attention_threshold;
  double scale, attention_scale;

  explicit DropoutMask(const Dropout& dropout)
      : step_key(dropout ? dropout.step_key : nullptr),
        stream(dropout.stream),
        threshold(dropout.threshold()),
        attention_threshold(dropout.attention_threshold()),
        scale(dropout.scale()),
        attention_scale(dropout.attention_scale()) {}

  template <class A>
  __device__ A factor(Index element) const {
    if (step_key == nullptr) return A(1);
    const RandomWords words = philox(mix_keys(*step_key, stream), static_cast<std::uint64_t>(element) / 4);
    return word_of(words, element % 4) >= threshold ? static_cast<A>(scale) : A(0);
  }

  /// The factors of the elements 4 group .. 4 group + 3, which share one draw.
  template <class A>
  __device__ void factors_of_four(A (&factors)[4], Index group) const {
    const RandomWords words = philox(mix_keys(*step_key, stream), static_cast<std::uint64_t>(group));
    MEMSIZER_UNROLL
    for (int k = 0; k < 4; ++k) factors[k] = words.word[k] >= threshold ? static_cast<A>(scale) : A(0);
  }

  /// The factor of an attention weight. Eight neighbouring keys share one draw.
  template <class A>
  __device__ A key_factor(Index query_number, Index key) const {
    if (step_key == nullptr) return A(1);
    const RandomWords words = philox(mix_keys(*step_key, stream), static_cast<std::uint64_t>(key) / 8,
                                     static_cast<std::uint64_t>(query_number));
    const std::uint32_t word = word_of(words, key % 8 / 2), half = key % 2 == 0 ? word & 0xffff : word >> 16;
    return half >= attention_threshold ? static_cast<A>(attention_scale) : A(0);
  }

  /// Word i. Comparisons keep the words in registers, which an index would not.
  static __device__ std::uint32_t word_of(const RandomWords& words, Index i) {
    return i == 0 ? words.word[0] : i == 1 ? words.word[1] : i == 2 ? words.word[2] : words.word[3];
  }
};

}  // namespace memsizer::MEMSIZER_DEVICE
