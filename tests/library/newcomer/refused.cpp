// First lines that do not compile on purpose: seven of lines.txt, of six kinds, since nested braces stand
// there twice (refused_parentheses.cpp); and lines that would be silent errors if they compiled. The
// compiler's error says what to write instead. `error:` before a line is a part of it. The tests
// refused_lines, which alone compile this file, compare, and count the lines of each error.
#include "memsizer/core.hpp"

using namespace memsizer;

void no_global_generator() {
  // error: there is no global generator: give the seed where numbers are drawn, as in randn({2, 3}, 1)
  manual_seed(1);
}
void dropout_without_a_key(const Tensor<float>& x) {
  // error: dropout needs the key of the step: nn::StepKey key(seed)
  auto a = dropout(x, 0.5);
}
void truth_of_a_tensor(const Tensor<float>& x, const Tensor<float>& y) {
  // error: a comparison gives a tensor: write all(x == y), or any(x == y)
  bool a = (x == y);
}
void sum_of_two_types(const Tensor<float>& x) {
  // error: two element types: convert one of them, as in x.to<double>() + z
  Tensor<double> z({1}, {1});
  auto a = x + z;
}
void copy_of_a_module() {
  // error of a class: a module cannot be copied: move it, or build a second one
  nn::LayerNorm<float> a(3);
  auto b = a;
}
void assignment_of_a_module(nn::LayerNorm<double>& a, const nn::LayerNorm<double>& b) {
  // error of a class: a module cannot be copied: move it, or build a second one
  a = b;
}
void nested_braces() {
  // error: write matrix({{1, 2}, {3, 4}}), or Tensor<float>({2, 2}, {1, 2, 3, 4})
  Tensor<float> a{{1, 2}, {3, 4}};
}

// Beside the list. Without these errors the first row would be a shape, and the second one the values.
void nested_braces_of_several_types() {
  // error: write matrix({{1, 2}, {3, 4}}), or Tensor<float>({2, 2}, {1, 2, 3, 4})
  const Tensor<bfloat16> a = {{1, 2}, {3.5, 4}};
}
void three_levels_of_braces() {
  // error: write the shape and the values, as in Tensor<float>({1, 2, 2}, {1, 2, 3, 4})
  Tensor<float> a{{{1, 2}, {3, 4}}};
}
void three_levels_of_a_matrix() {
  // error: a matrix has rows of numbers: for more axes write the shape and the values
  auto a = matrix({{{1, 2}, {3, 4.5}}});
}
void nested_vectors(const std::vector<std::vector<float>>& rows) {
  // error: write matrix(rows)
  Tensor<float> a(rows);
}
using Blocks = std::vector<std::vector<std::vector<float>>>;
void vectors_of_three_levels(const Blocks& blocks) {
  // error: put all values into one vector, as in Tensor<float>({1, 2, 2}, values)
  Tensor<float> a(blocks);
}
void matrix_of_three_levels(const Blocks& blocks) {
  // error: a matrix has rows of numbers: for more axes put all values into one vector
  auto a = matrix(blocks);
}
void assignment_to_a_part(Tensor<float>& x, const Tensor<float>& y) {
  // error: an assignment to a part changes no element: write x[0].copy_from(y) to change x in place
  x[0] = y;
}
void assignment_of_a_number_to_a_part(Tensor<float>& x) {
  // error: an assignment of a number changes no element: write x[0].fill(1) to change x in place
  x[0] = 1.0f;
}
void assignment_of_another_type(Tensor<float>& x, const Tensor<Id>& ids) {
  // error: two element types: convert, as in x = y.to<float>()
  x = ids;
}
void ids_where_numbers_are_expected(const Tensor<Id>& ids) {
  // error in 7 lines: this operation takes no ids: convert them, as in t.to<float>()
  auto a = ids + 0.5;
}
void a_number_for_an_axis(const Tensor<float>& x) {
  // error: maximum(x, axis) reduces an axis: for the larger of each element and a number write clamp
  auto a = maximum(x, 0.0);
}
void a_key_that_is_gone_before_backward(const nn::Dropout<float>& layer, const Tensor<float>& x) {
  // error: name the key, as in nn::StepKey key(seed)
  layer.forward(x, nn::StepKey(1).training(0));
}
void a_flag_that_pytorch_reads_otherwise(const Tensor<float>& x) {
  // error: takes b for `unbiased`: write variance(x, axis, keep, correction)
  auto a = var(x, 1, false);
}
void a_comparison_of_two_types(const Tensor<float>& x, const Tensor<double>& y) {
  // error: two element types: convert one of them, as in x.to<double>() + z
  auto a = x == y;
}
void a_vector_that_may_be_a_shape(const std::vector<Index>& v) {
  // error: a vector of whole numbers may be values or a shape: write Tensor<float>({v.size()}, v)
  Tensor<float> a(v);
}
