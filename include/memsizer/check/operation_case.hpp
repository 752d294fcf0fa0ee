#pragma once
// The parts of a row in the list of operation cases: inputs for a size, the operation, and its composed twin.

#include <functional>
#include <string>

#include "memsizer/base/random.hpp"
#include "memsizer/ops/ops.hpp"

namespace memsizer::check {

/// The inputs of an operation: numbers, tokens or lengths, and a key for dropout.
template <class T>
struct Inputs {
  std::vector<Tensor<T>> x;
  std::vector<Tensor<Id>> ids;
  Tensor<std::uint64_t> step_key;

  Dropout dropout(float probability) const {
    return {.probability = probability, .step_key = step_key.data(), .stream = name_key("case")};
  }
};

/// Whether drawn numbers are rounded first. An operation in double on inputs rounded to bfloat16 says what
/// the same operation in bfloat16 should give.
enum class InputRounding { none, to_bfloat16 };

template <class T>
T rounded(double number, InputRounding rounding) {
  return static_cast<T>(rounding == InputRounding::none ? number : static_cast<double>(bfloat16(number)));
}

/// Draws inputs; the same seed gives the same numbers for every element type and device.
template <class T>
class InputBuilder {
 public:
  InputBuilder(Device& device, std::uint64_t seed, InputRounding rounding = InputRounding::none)
      : device_(device), random_(seed), rounding_(rounding) {
    inputs_.step_key = Tensor<std::uint64_t>(Shape{1}, {seed}, device);
  }

  InputBuilder& normal(Shape shape, double deviation = 1) {
    return draw(shape, [&] { return deviation * random_.normal(); });
  }
  InputBuilder& uniform(Shape shape, double low, double high) {
    return draw(shape, [&] { return low + (high - low) * random_.uniform(); });
  }
  /// Magnitudes between 0.5 and 2: away from the kink at 0.
  InputBuilder& away_from_zero(Shape shape) {
    return draw(shape, [&] { return (0.5 + 1.5 * random_.uniform()) * (random_.below(2) == 0 ? -1 : 1); });
  }
  /// Between low and high, each row of the last axis times one of the factors.
  InputBuilder& uniform_rows(Shape shape, double low, double high, std::initializer_list<double> factors) {
    const Index columns = shape[-1];
    double factor = 0;
    Index element = 0;
    return draw(shape, [&] {
      if (element++ % columns == 0) factor = factors.begin()[random_.below(factors.size())];
      return factor * (low + (high - low) * random_.uniform());
    });
  }
  /// 1, -1, 3 or -3 times `unit`. With unit 0.5 every sum of products is a multiple of 0.25; a bias that is
  /// an odd multiple of 0.125 keeps it at least 0.125 from ReLU's kink.
  InputBuilder& odd_multiples(Shape shape, double unit) {
    return draw(shape, [&] { return unit * (2.0 * static_cast<double>(random_.below(4)) - 3); });
  }
  /// Multiples of 0.1 in random order, so no two are near each other.
  InputBuilder& distinct(Shape shape) {
    std::vector<T> values(static_cast<std::size_t>(shape.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t other = random_.below(i + 1);
      values[i] = values[other];
      values[other] = rounded<T>(0.1 * (static_cast<double>(i) + 1), rounding_);
    }
    inputs_.x.emplace_back(shape, values, device_);
    return *this;
  }
  /// Whole numbers from low to high, both possible.
  InputBuilder& ids(Shape shape, Index low, Index high) {
    std::vector<Id> values(static_cast<std::size_t>(shape.size()));
    for (Id& value : values)
      value = static_cast<Id>(low +
                              static_cast<Index>(random_.below(static_cast<std::uint64_t>(high - low + 1))));
    inputs_.ids.emplace_back(shape, values, device_);
    return *this;
  }

  Inputs<T> build() { return std::move(inputs_); }

 private:
  template <class Draw>
  InputBuilder& draw(Shape shape, const Draw& next) {
    std::vector<T> values(static_cast<std::size_t>(shape.size()));
    for (T& value : values) value = rounded<T>(next(), rounding_);
    inputs_.x.emplace_back(shape, values, device_);
    return *this;
  }

  Device& device_;
  RandomStream random_;
  InputRounding rounding_;
  Inputs<T> inputs_;
};

/// One row: an operation, the inputs for its checks, and the same function composed of simpler operations or
/// computed on the host. Every check of the operation follows from its row.
template <class T>
struct OperationCase {
  std::string name;  // the operation's name, a space, the variant
  std::function<void(InputBuilder<T>&, Index size)> inputs;
  std::function<Tensor<T>(const Inputs<T>&)> operation;
  std::function<Tensor<T>(const Inputs<T>&)> twin;
  Index smallest = 0;  // the smallest size that makes sense

  Inputs<T> inputs_for(Index size, Device& device, std::uint64_t seed = 1,
                       InputRounding rounding = InputRounding::none) const {
    InputBuilder<T> builder(device, mix_keys(seed, name_key(name) + static_cast<std::uint64_t>(size)),
                            rounding);
    inputs(builder, size);
    return builder.build();
  }
};

/// The sizes that find mistakes at the ends of blocks and vectors.
inline constexpr Index case_sizes[] = {0, 1, 31, 33, 1023};

}  // namespace memsizer::check
