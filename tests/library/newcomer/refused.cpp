// Seven first lines that do not compile on purpose. The compiler's error says what to write instead; the test
// refused_lines compares. This file is compiled by that test alone.
#include "memsizer/core.hpp"

using namespace memsizer;

void no_global_generator() {
  manual_seed(1);
}
Tensor<float> dropout_without_a_key(const Tensor<float>& x) {
  return dropout(x, 0.5);
}
bool truth_of_a_tensor(const Tensor<float>& x, const Tensor<float>& y) {
  bool a = (x == y);
  return a;
}
auto sum_of_two_types(const Tensor<float>& x, const Tensor<double>& z) {
  return x + z;
}
void optimiser_of_a_list(nn::Module<float>& net) {
  optim::Adam<float> a(net.parameters(), 1e-3);
}
void copy_of_a_module(const nn::LayerNorm<float>& a) {
  auto b = a;
}
void nested_braces() {
  Tensor<float> a{{1, 2}, {3, 4}};
}
