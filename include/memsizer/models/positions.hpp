#pragma once
// Sinusoidal positions.

#include <cmath>
#include <numeric>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer::models {

/// InputError unless vectors of this width can hold a sine and a cosine for each frequency.
inline void require_dim_of_sinusoids(Index dim) {
  require(dim >= 4 && dim % 2 == 0, "sinusoidal positions: an even dim of at least 4 expected, got ", dim);
}

/// [positions, dim]; the row of position t is [sin(t w_0) .. sin(t w_h), cos(t w_0) .. cos(t w_h)] with h =
/// dim/2 - 1 and w_i = 10000^(-i / h): the layout of tensor2tensor and fairseq. dim is even and at least 4.
template <class T>
Tensor<T> sinusoids(const std::vector<Id>& positions, Index dim, Device& device = cpu::device()) {
  const auto length = static_cast<Index>(positions.size());
  require_dim_of_sinusoids(dim);
  const Index half = dim / 2;
  std::vector<T> values(static_cast<std::size_t>(checked_product(length, dim, "positions")));
  for (Index i = 0; i < half; ++i) {
    const double frequency =
        std::exp(static_cast<double>(i) * -(std::log(10000.0) / static_cast<double>(half - 1)));
    for (Index t = 0; t < length; ++t) {
      const double angle = static_cast<double>(positions[static_cast<std::size_t>(t)]) * frequency;
      values[static_cast<std::size_t>(t * dim + i)] = static_cast<T>(std::sin(angle));
      values[static_cast<std::size_t>(t * dim + half + i)] = static_cast<T>(std::cos(angle));
    }
  }
  return Tensor<T>(Shape{length, dim}, values, device);
}

/// The sinusoids [length, dim] of the positions 0 to length - 1.
template <class T>
Tensor<T> sinusoids(Index length, Index dim, Device& device = cpu::device()) {
  std::vector<Id> positions(static_cast<std::size_t>(length));
  std::iota(positions.begin(), positions.end(), Id{0});
  return sinusoids<T>(positions, dim, device);
}

}  // namespace memsizer::models
