#pragma once
// Benchmarks of matrix products, for any implementation of the family.

#include "bench/operations.hpp"
#include "bench/preset_small.hpp"

namespace bench {

using namespace memsizer;

/// The inputs and outputs of a linear layer.
template <class T>
struct LinearArrays {
  explicit LinearArrays(const LinearShape& shape)
      : y(arrays<T, 2>(shape.rows * shape.outputs)),
        x(shape.rows * shape.inputs),
        weight(shape.outputs * shape.inputs),
        bias(shape.outputs) {}

  std::vector<Array<T>> y;  // two of [rows, outputs]
  Array<T> x, weight, bias;
};

/// Adds a benchmark of call(arrays), which computes one product of the layer's size.
template <class T, class Call>
void add_product(const std::string& name, const LinearShape& shape, const Call& call) {
  const double n = static_cast<double>(shape.rows), k = static_cast<double>(shape.inputs),
               m = static_cast<double>(shape.outputs);
  const Cost cost{.operations = 2 * n * k * m, .bytes = (n * k + k * m + n * m) * sizeof(T)};
  const std::string size = concatenate('/', shape.rows, 'x', shape.inputs, 'x', shape.outputs);
  add(name + size, cost, [=] { return [call, a = LinearArrays<T>(shape)] { call(a); }; });
}

/// Adds a linear layer: forward with bias (and with GELU), the gradient of the input, and the gradients of
/// weight and bias.
template <class T>
void add_linear(const std::string& prefix, const MatmulKernels<T>& kernels, const LinearShape& shape) {
  using Arrays = LinearArrays<T>;
  const MatmulShape forward = contiguous_product(shape.rows, shape.outputs, shape.inputs, {.b = true});
  const MatmulShape backward = contiguous_product(shape.rows, shape.inputs, shape.outputs);
  add_product<T>(prefix + "/linear", shape, [forward, &kernels](const Arrays& a) {
    kernels.matmul(cpu::context(), {a.y[0]}, a.x, a.weight, forward, {.bias = a.bias});
  });
  add_product<T>(prefix + "/linear_gelu", shape, [forward, &kernels](const Arrays& a) {
    kernels.matmul(cpu::context(), {a.y[0]}, a.x, a.weight, forward, {a.bias, Activation::gelu, a.y[1]});
  });
  add_product<T>(prefix + "/linear_dx", shape, [backward, &kernels](const Arrays& a) {
    kernels.matmul(cpu::context(), {a.x}, a.y[0], a.weight, backward, {});
  });
  add_product<T>(prefix + "/linear_dweight", shape, [shape, &kernels](const Arrays& a) {
    kernels.linear_weight_backward(cpu::context(), {a.weight}, {a.bias}, a.y[0], a.x, shape);
  });
}

/// Adds the layers of a training step, and two layers of a single token in generation.
template <class T>
void add_matmul(const std::string& prefix, const MatmulKernels<T>& kernels) {
  using namespace preset_small;
  add_linear<T>(prefix, kernels, {rows, dim, ffn});
  add_linear<T>(prefix, kernels, {rows, ffn, dim});
  add_linear<T>(prefix, kernels, {rows, dim, dim});
  add_linear<T>(prefix, kernels, {rows, dim, vocabulary});
  add_linear<T>(prefix, kernels, {1, ffn, dim});
  add_linear<T>(prefix, kernels, {1, dim, vocabulary});
}

}  // namespace bench
