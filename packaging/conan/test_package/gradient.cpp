// Shows that the package's headers compile and run: the gradient of sum(x x) is 2 x.
#include <cstdio>

#include <memsizer/memsizer.hpp>

using namespace memsizer;

int main() {
  Tensor<float> x({3}, {1, 2, 3});
  x.require_gradient();
  Tape tape;
  tape.backward(sum(x * x));
  const std::vector<float> gradient = x.gradient().to_vector();
  for (const float value : gradient) std::printf("%g ", static_cast<double>(value));
  std::printf("\n");
  return gradient == std::vector<float>{2, 4, 6} ? 0 : 1;
}
