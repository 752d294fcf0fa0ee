// Reverse-mode differentiation. While a tape lives, it records operations on tensors that require a gradient.
// backward() then walks the records in reverse.
#include <cmath>
#include <iostream>

#include "memsizer/check/gradient_check.hpp"
#include "memsizer/ops/ops.hpp"

using namespace memsizer;

int main() {
  // f(a, b) = sum(tanh(a b) + a^2)
  const Tensor<double> a = Tensor<double>({2}, {0.5, -1}).require_gradient();
  const Tensor<double> b = Tensor<double>({2}, {2, 3}).require_gradient();
  const auto f = [](const Tensor<double>& a, const Tensor<double>& b) {
    return sum(tanh(a * b) + square(a));
  };

  Tape tape({.watched = true});  // keeps the norms of gradients, for the graph below
  const Tensor<double> y = f(a, b);
  std::cout << "f = " << y.item() << ", recorded operations: " << tape.size() << '\n' << tape;
  tape.backward(y);
  const std::string graph = tape.dot();

  // By hand: df/da = b (1 - tanh^2(a b)) + 2 a
  for (int i = 0; i < 2; ++i) {
    const double x = a.to_vector()[i], z = b.to_vector()[i];
    std::cout << "df/da[" << i << "] = " << a.gradient().to_vector()[i] << ", by hand "
              << z * (1 - std::tanh(x * z) * std::tanh(x * z)) + 2 * x << '\n';
  }

  // Gradients of a leaf, such as a, add up until they are cleared. The gradient of an operation's result is
  // freed as backward() passes it.
  tape.backward(f(a, b));
  std::cout << "after a second backward: " << a.gradient().to_vector()[0] << '\n';

  // The checker compares any backward with differences of values.
  const auto report = check::check_gradient([&](const auto& x) { return f(x[0], x[1]); }, {a, b});
  std::cout << "gradient check: " << (report.passed() ? "passed" : "failed") << '\n';

  {
    const Tape::Pause pause;  // nothing is recorded, as in validation and decoding
    std::cout << "while paused a result requires a gradient: " << std::boolalpha
              << square(a).requires_gradient() << '\n';
  }

  // The graph with the norms of the gradients. Graphviz makes a picture of it:
  //   build/release/samples/02_autodiff | sed -n '/digraph/,$p' | dot -Tsvg > graph.svg
  std::cout << graph;
}
