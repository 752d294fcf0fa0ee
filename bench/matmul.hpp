#pragma once
// Benchmarks of matrix products, for any filling of the family.

#include "bench/operations.hpp"

namespace bench {

using namespace memsizer;

/// A linear layer: forward with bias and GELU, the gradient of its input, and those of weight and bias.
template <class T>
void add_linear(const std::string& prefix, const MatmulKernels<T>& kernels, Index rows, Index inputs,
                Index outputs) {
  const std::string size =
      "/" + std::to_string(rows) + "x" + std::to_string(inputs) + "x" + std::to_string(outputs);
  const double n = static_cast<double>(rows), k = static_cast<double>(inputs),
               m = static_cast<double>(outputs);
  const Cost cost{.operations = 2 * n * k * m, .bytes = (n * k + k * m + n * m) * sizeof(T)};
  const MatmulShape forward{.rows = rows,
                            .columns = outputs,
                            .inner = inputs,
                            .transpose_b = true,
                            .a_leading = inputs,
                            .b_leading = inputs,
                            .c_leading = outputs};
  const MatmulShape backward{.rows = rows,
                             .columns = inputs,
                             .inner = outputs,
                             .a_leading = outputs,
                             .b_leading = inputs,
                             .c_leading = inputs};
  add(prefix + "/linear" + size, cost, [=, &kernels] {
    return [=, &kernels, big = arrays<T, 2>(rows * outputs), x = Array<T>(rows * inputs),
            weight = Array<T>(outputs * inputs), bias = Array<T>(outputs)] {
      kernels.matmul(cpu::context(), {big[0]}, x, weight, forward, {.bias = bias});
    };
  });
  add(prefix + "/linear_gelu" + size, cost, [=, &kernels] {
    return [=, &kernels, big = arrays<T, 2>(rows * outputs), x = Array<T>(rows * inputs),
            weight = Array<T>(outputs * inputs), bias = Array<T>(outputs)] {
      kernels.matmul(cpu::context(), {big[0]}, x, weight, forward, {bias, Activation::gelu, big[1]});
    };
  });
  add(prefix + "/linear_dx" + size, cost, [=, &kernels] {
    return [=, &kernels, big = arrays<T, 2>(rows * outputs), x = Array<T>(rows * inputs),
            weight = Array<T>(outputs * inputs),
            bias = Array<T>(outputs)] { kernels.matmul(cpu::context(), {x}, big[0], weight, backward, {}); };
  });
  add(prefix + "/linear_dweight" + size, cost, [=, &kernels] {
    return [=, &kernels, big = arrays<T, 2>(rows * outputs), x = Array<T>(rows * inputs),
            weight = Array<T>(outputs * inputs), bias = Array<T>(outputs)] {
      kernels.linear_weight_backward(cpu::context(), {weight}, {bias}, big[0], x, {rows, inputs, outputs});
    };
  });
}

/// The layers of a small model in training, and one token's in generation.
template <class T>
void add_matmul(const std::string& prefix, const MatmulKernels<T>& kernels) {
  add_linear<T>(prefix, kernels, 4096, 256, 1024);
  add_linear<T>(prefix, kernels, 4096, 1024, 256);
  add_linear<T>(prefix, kernels, 4096, 256, 256);
  add_linear<T>(prefix, kernels, 4096, 256, 8192);
  add_linear<T>(prefix, kernels, 1, 1024, 256);
  add_linear<T>(prefix, kernels, 1, 256, 8192);
}

}  // namespace bench
