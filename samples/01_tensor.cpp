// A tensor is an array of numbers in row-major order, with a shape. This sample shows operations on tensors.
//
// A program of one file writes #include <memsizer/memsizer.hpp>. The samples here include only the parts that
// they use, and link the kernels, which are compiled once for all samples.
#include <iostream>

#include "memsizer/ops/ops.hpp"

using namespace memsizer;

namespace {

void print(const char* name, const Tensor<double>& x) {
  std::cout << name << " " << x.shape() << ":";
  for (double value : x.to_vector()) std::cout << ' ' << value;
  std::cout << '\n';
}

}  // namespace

int main() {
  const Tensor<double> x({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor<double> row({3}, {10, 20, 30});

  print("x", x);
  print("x + row", x + row);  // shapes are aligned at the last axis, and the row is repeated
  print("x * 2 + 1", x * 2.0 + 1.0);
  print("mean over axis 1", mean(x, 1));
  print("transposed", transpose(x));
  print("the middle column", slice(x, 1, 1, 2));
  print("x x^T", matmul(x, x, {.b = true}));

  // A copy is a second handle to the same elements; clone() copies the elements.
  Tensor<double> handle = x, clone = x.clone();
  handle.fill(7);
  print("x after its handle was filled", x);
  print("the clone", clone);

  // If shapes do not fit, the error names both.
  try {
    print("never printed", x + Tensor<double>({2}, {1, 2}));
  } catch (const InputError& error) {
    std::cout << "error: " << error.what() << '\n';
  }
}
