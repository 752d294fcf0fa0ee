#pragma once
// Tensors made of nothing: random numbers, ranges, the unit matrix, a matrix from nested braces.

#include "memsizer/base/random.hpp"
#include "memsizer/ops/checks.hpp"

namespace memsizer {

/// Numbers drawn one after the other from a stream. There is no generator behind the scenes: the same stream
/// or seed gives the same numbers, on every machine.
template <class T = float>
Tensor<T> randn(Shape shape, RandomStream& random, Device& device = cpu::device()) {
  std::vector<T> values(static_cast<std::size_t>(shape.size()));
  for (T& value : values) value = static_cast<T>(random.normal());
  return Tensor<T>(shape, values, device);
}
template <class T = float>
Tensor<T> uniform(Shape shape, double low, double high, RandomStream& random,
                  Device& device = cpu::device()) {
  require(low < high, "uniform: low below high expected, got ", low, " and ", high);
  std::vector<T> values(static_cast<std::size_t>(shape.size()));
  for (T& value : values) value = static_cast<T>(low + (high - low) * random.uniform());
  return Tensor<T>(shape, values, device);
}

/// N(0, 1). Two calls with one seed give the same numbers: randn({2, 3}, 1) and randn({2, 3}, 2) differ.
template <class T = float>
Tensor<T> randn(Shape shape, std::uint64_t seed = 1, Device& device = cpu::device()) {
  RandomStream random(mix_keys(seed, name_key("randn")));
  return randn<T>(shape, random, device);
}
/// From low up to, not including, high. InputError unless low is below high: uniform({2, 3}, 1) would be all
/// ones, since the number after the shape is `low` and no seed.
template <class T = float>
Tensor<T> uniform(Shape shape, double low = 0, double high = 1, std::uint64_t seed = 1,
                  Device& device = cpu::device()) {
  RandomStream random(mix_keys(seed, name_key("uniform")));
  return uniform<T>(shape, low, high, random, device);
}

template <class T>
Tensor<T> Tensor<T>::randn(Shape shape, std::uint64_t seed, Device& device) {
  return memsizer::randn<T>(shape, seed, device);
}
template <class T>
Tensor<T> Tensor<T>::uniform(Shape shape, double low, double high, std::uint64_t seed, Device& device) {
  return memsizer::uniform<T>(shape, low, high, seed, device);
}

/// begin, begin + step, .. before end. The type follows the numbers: arange(10) holds ids, arange(0.0, 1.0,
/// 0.1) doubles, arange<float>(10) floats. InputError where the step is 0 or leads away from the end.
template <class T>
Tensor<T> arange_of(double begin, double end, double step, Device& device = cpu::device()) {
  const double count = std::ceil((end - begin) / step);
  require(count >= 0 && count < 1e15, "arange: from ", begin, " to ", end, " in steps of ", step,
          " is no range");
  std::vector<T> values;
  for (Index i = 0; i < static_cast<Index>(count); ++i)
    values.push_back(detail::as_element<T>("arange", begin + static_cast<double>(i) * step));
  return Tensor<T>(Shape{values.size()}, values, device);
}
template <class T>
using NumberOrId = std::conditional_t<std::is_integral_v<T>, Id, T>;

template <class T = void, class Number>
auto arange(Number begin, Number end, Number step = 1, Device& device = cpu::device()) {
  using E = std::conditional_t<std::is_void_v<T>, NumberOrId<Number>, T>;
  return arange_of<E>(static_cast<double>(begin), static_cast<double>(end), static_cast<double>(step),
                      device);
}
template <class T = void, class Number>
auto arange(Number end) {
  return arange<T>(Number{0}, end);
}

/// Zeros, ones, or one value everywhere: ones({2, 3}) holds floats, ones<double>({2, 3}) doubles.
template <class T = float>
Tensor<T> zeros(Shape shape, Device& device = cpu::device()) {
  return Tensor<T>::zeros(shape, device);
}
template <class T = float>
Tensor<T> ones(Shape shape, Device& device = cpu::device()) {
  return Tensor<T>::ones(shape, device);
}
template <class T = float>
Tensor<T> full(Shape shape, double value, Device& device = cpu::device()) {
  return Tensor<T>::full(shape, value, device);
}

/// The unit matrix [n, n].
template <class T = float>
Tensor<T> eye(Index n, Device& device = cpu::device()) {
  std::vector<T> values(static_cast<std::size_t>(Shape{n, n}.size()));
  for (Index i = 0; i < n; ++i) values[static_cast<std::size_t>(i * n + i)] = T{1};
  return Tensor<T>(Shape{n, n}, values, device);
}

namespace detail {

/// The elements of a matrix whose rows are lists of numbers. T void: whole numbers become floats.
template <class T, class Number>
using MatrixElement =
    std::conditional_t<!std::is_void_v<T>, T, std::conditional_t<std::is_integral_v<Number>, float, Number>>;

template <class E, class Rows>
Tensor<E> matrix_of(const Rows& rows, Device& device) {
  const std::size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  std::vector<E> values;
  for (const auto& row : rows) {
    require(row.size() == columns, "matrix: rows of one length expected, got ", columns, " and ", row.size());
    for (const auto& number : row) values.push_back(detail::as_element<E>("matrix", number));
  }
  return Tensor<E>(Shape{rows.size(), columns}, values, device);
}

}  // namespace detail

/// A matrix from its rows: matrix({{1, 2}, {3, 4}}) holds floats, as of all whole numbers; matrix({{0.5, 1}})
/// doubles, as of numbers of several types; matrix<T>(..) holds T. InputError where rows differ in length.
template <class T = void, class Number>
auto matrix(std::initializer_list<std::initializer_list<Number>> rows, Device& device = cpu::device()) {
  return detail::matrix_of<detail::MatrixElement<T, Number>>(rows, device);
}
template <class T = double>
Tensor<T> matrix(std::initializer_list<std::initializer_list<Literal>> rows, Device& device = cpu::device()) {
  return detail::matrix_of<T>(rows, device);
}
template <class T = void, class Number>
auto matrix(const std::vector<std::vector<Number>>& rows, Device& device = cpu::device()) {
  return detail::matrix_of<detail::MatrixElement<T, Number>>(rows, device);
}
template <class T = void>
Tensor<float> matrix(std::initializer_list<std::initializer_list<std::initializer_list<Literal>>>) {
  static_assert(!std::is_same_v<T, T>,
                "a matrix has rows of numbers: for more axes write the shape and the values, as in "
                "Tensor<float>({1, 2, 2}, {1, 2, 3, 4})");
  return {};
}

template <class T = void, class Number>
Tensor<float> matrix(const std::vector<std::vector<std::vector<Number>>>&) {
  static_assert(!std::is_same_v<Number, Number>,
                "a matrix has rows of numbers: for more axes put all values into one vector, as in "
                "Tensor<float>({1, 2, 2}, values)");
  return {};
}

/// There is no global generator. Each draw names its seed, so that a program's numbers do not depend on what
/// was drawn before.
template <class Seed>
void manual_seed(Seed) {
  static_assert(
      !std::is_same_v<Seed, Seed>,
      "there is no global generator: give the seed where numbers are drawn, as in randn({2, 3}, 1) or "
      "nn::ParameterStore<float> store(net, 1)");
}

}  // namespace memsizer
