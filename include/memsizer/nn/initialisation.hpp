#pragma once
// The first values of parameters. Random numbers are drawn by the seed and the parameter's name alone, so a
// layer that is added to a model does not change the first values of the other layers.

#include <algorithm>
#include <cmath>
#include <vector>

#include "memsizer/base/random.hpp"
#include "memsizer/tensor/shape.hpp"

namespace memsizer::nn {

struct Initialiser {
  enum class Kind { constant, uniform, normal };
  Kind kind = Kind::constant;
  double scale = 0;     // the constant, the bound of +-bound, or the standard deviation
  Index zero_row = -1;  // this row of a table is 0 (the padding token's); -1: none
};

inline Initialiser zeros() {
  return {};
}
inline Initialiser constant(double value) {
  return {.scale = value};
}
inline Initialiser ones() {
  return constant(1);
}
/// Uniform in +-bound.
inline Initialiser uniform(double bound) {
  return {.kind = Initialiser::Kind::uniform, .scale = bound};
}
inline Initialiser normal(double deviation, Index zero_row = -1) {
  return {.kind = Initialiser::Kind::normal, .scale = deviation, .zero_row = zero_row};
}
/// Uniform in +-gain sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010).
inline Initialiser xavier_uniform(Index inputs, Index outputs, double gain = 1) {
  return uniform(gain * std::sqrt(6.0 / static_cast<double>(inputs + outputs)));
}
/// Uniform in +-inputs^-1/2, PyTorch's default for a linear layer's weight and bias.
inline Initialiser fan_in_uniform(Index inputs) {
  return uniform(inputs > 0 ? 1 / std::sqrt(static_cast<double>(inputs)) : 0);
}

/// The scheme of a model's first values. In fairseq's scheme each kind of layer has its own distribution. In
/// GPT-2's (Radford et al. 2019) the weights of linear layers and embeddings are N(0, 0.02^2) and biases are
/// 0, and the n sublayers whose outputs are added to the residual stream begin with outputs divided by the
/// square root of n.
enum class Initialisation { fairseq, gpt2 };

inline constexpr double gpt2_deviation = 0.02;

/// The first values of a parameter of this shape; random numbers are drawn with this key. InputError if
/// zero_row is beyond its last row.
template <class T>
std::vector<T> initial_values(const Initialiser& initialiser, const Shape& shape, std::uint64_t key) {
  const auto [rows, columns] = rows_and_columns(shape);
  require(initialiser.zero_row < rows, "initial values: row ", initialiser.zero_row, " of a table of shape ",
          shape);
  RandomStream random(key);
  std::vector<T> values(static_cast<std::size_t>(shape.size()));
  for (T& value : values) {
    switch (initialiser.kind) {
      case Initialiser::Kind::constant:
        value = static_cast<T>(initialiser.scale);
        break;
      case Initialiser::Kind::uniform:
        value = static_cast<T>(initialiser.scale * (2 * random.uniform() - 1));
        break;
      case Initialiser::Kind::normal:
        value = static_cast<T>(initialiser.scale * random.normal());
        break;
    }
  }
  if (initialiser.zero_row >= 0) std::fill_n(values.begin() + initialiser.zero_row * columns, columns, T{0});
  return values;
}

}  // namespace memsizer::nn
