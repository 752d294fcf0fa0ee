// The first lines that users of PyTorch, NumPy or Eigen write, and what each must give. The file lines.txt
// has the 79 lines as their author wrote them: 72 stand here word by word, and the other seven, which do not
// compile on purpose, in refused.cpp. tests/house compares. What stands before a line in WORKS gives its
// names other values, by which its result tells more.
#include <cmath>
#include <iostream>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "memsizer/core.hpp"
#include "memsizer/nn/sequential.hpp"

BOOST_AUTO_TEST_SUITE(newcomer)

using namespace memsizer;

namespace {

/// The names of the lines: x is [[1, 2], [3, 4]], y ones, t the ids 0 and 1.
struct Names {
  Tensor<float> x{Shape{2, 2}, std::vector<float>{1, 2, 3, 4}};
  Tensor<float> y{Shape{2, 2}, std::vector<float>{1, 1, 1, 1}};
  Tensor<Id> t{Shape{2}, std::vector<Id>{0, 1}};
  std::vector<float> v{1, 2, 3, 4, 5, 6};
  std::vector<double> d{1, 2, 3, 4, 5, 6};
  std::size_t n = 3;
  int k = 3;
};

/// What std::cout gets until text() is called. Boost.Test writes there too, so the call comes first.
class Printed {
 public:
  std::string text() {
    std::cout.rdbuf(before_);
    return text_.str();
  }

 private:
  std::ostringstream text_;
  std::streambuf* const before_ = std::cout.rdbuf(text_.rdbuf());
};

template <class T>
void check(const Tensor<T>& actual, const Shape& shape, const std::vector<double>& values) {
  BOOST_TEST(actual.shape() == shape);
  const std::vector<T> found = actual.to_vector();
  BOOST_REQUIRE_EQUAL(found.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    BOOST_TEST(static_cast<double>(found[i]) == values[i], boost::test_tools::tolerance(1e-6));
}

}  // namespace

// WORKS(name, what it needs first; the line; what must hold after it)
#define WORKS(name, ...)                 \
  BOOST_FIXTURE_TEST_CASE(name, Names) { \
    __VA_ARGS__;                         \
  }

const Shape square22{2, 2};

// clang-format off: a line each
WORKS(linear, nn::Linear<float> l(2, 64); nn::ParameterStore<float> s(l, 1);
      BOOST_TEST(l.forward(x).shape() == Shape({2, 64})))
WORKS(print_tensor, Printed out; std::cout << x; const std::string text = out.text();
      BOOST_TEST(text.find("[1, 2]") != std::string::npos))
WORKS(print_shape, Printed out; std::cout << x.shape(); const std::string text = out.text();
      BOOST_TEST(text == "[2, 2]"))
WORKS(arg_max, auto a = argmax(x, 1); check(a, {2}, {1, 1}))
WORKS(max_along_an_axis, auto a = maximum(x, 1); check(a, {2}, {2, 4}))
WORKS(index, auto a = x[0]; check(a, {2}, {1, 2}))
WORKS(index_of_two, auto a = x(0, 1); BOOST_TEST(a == 2))
WORKS(at, float a = x.at({0, 1}); BOOST_TEST(a == 2))
WORKS(compare, x = x - 2; auto a = x > 0.0; check(a, square22, {0, 0, 1, 1}))
WORKS(add_in_place, const auto before = x; x += y; check(x, square22, {2, 3, 4, 5});
      check(before, square22, {1, 2, 3, 4}))
WORKS(add_a_number_in_place, x += 1.0; check(x, square22, {2, 3, 4, 5}))
WORKS(times_a_float, auto a = x * 2.0f; check(a, square22, {2, 4, 6, 8}))
WORKS(times_an_int, auto a = x * 2; check(a, square22, {2, 4, 6, 8}))
WORKS(number_over_tensor, auto a = 1.0 / x; check(a, square22, {1, 0.5, 1. / 3, 0.25}))
WORKS(power, auto a = pow(x, 2); check(a, square22, {1, 4, 9, 16}))
WORKS(square_root, auto a = sqrt(x); check(a, square22, {1, std::sqrt(2), std::sqrt(3), 2}))
WORKS(sine, auto a = sin(x); check(a, square22, {std::sin(1), std::sin(2), std::sin(3), std::sin(4)}))
WORKS(abs_value, x = x - 2; auto a = abs(x); check(a, square22, {1, 0, 1, 2}))
WORKS(absolute_value, x = x - 2; auto a = absolute(x); check(a, square22, {1, 0, 1, 2}))
WORKS(where_, x = x - 1; auto a = where(x, x, y); check(a, square22, {1, 1, 2, 3}))
WORKS(clamp_, x = x / 2 - 1; auto a = clamp(x, 0, 1); check(a, square22, {0, 0, 0.5, 1}))
WORKS(sum_keeps_the_axis, auto a = sum(x, 1, true); check(a, {2, 1}, {3, 7}))
WORKS(variance_, auto a = variance(x, 1); check(a, {2}, {0.5, 0.5}))
WORKS(cat_, auto a = cat({x, y}, 0); check(a, {4, 2}, {1, 2, 3, 4, 1, 1, 1, 1}))
WORKS(concatenate_in_braces, auto a = concatenate({x, y}, 0); check(a, {4, 2}, {1, 2, 3, 4, 1, 1, 1, 1}))
WORKS(concatenate_a_vector, auto a = concatenate(std::vector{x, y}, 0);
      check(a, {4, 2}, {1, 2, 3, 4, 1, 1, 1, 1}))
WORKS(stack_, auto a = stack(std::vector{x, y}, 0); check(a, {2, 2, 2}, {1, 2, 3, 4, 1, 1, 1, 1}))
WORKS(reshape_with_a_rest, auto a = reshape(x, {-1, 2}); check(a, square22, {1, 2, 3, 4}))
WORKS(reshape_, auto a = reshape(x, {2, 2}); check(a, square22, {1, 2, 3, 4}))
WORKS(reshape_as_a_member, auto a = x.reshape({2, 2}); check(a, square22, {1, 2, 3, 4}))
WORKS(transpose_two_axes, auto a = transpose(x, 0, 1); check(a, square22, {1, 3, 2, 4}))
WORKS(permute_, auto a = permute(x, {1, 0}); check(a, square22, {1, 3, 2, 4}))
WORKS(unsqueeze_, auto a = unsqueeze(x, 0); check(a, {1, 2, 2}, {1, 2, 3, 4}))
WORKS(slice_, auto a = slice(x, 1, 0, 2); check(a, square22, {1, 2, 3, 4}))
WORKS(index_select_, t = 1 - t; auto a = index_select(x, 0, t); check(a, square22, {3, 4, 1, 2}))
WORKS(embedding_as_gather, t = 1 - t; auto a = embedding(t, x); check(a, square22, {3, 4, 1, 2}))
WORKS(matmul_, auto a = matmul(x, y); check(a, square22, {3, 3, 7, 7}))
WORKS(matmul_as_a_member, auto a = x.matmul(y); check(a, square22, {3, 3, 7, 7}))
WORKS(randn_, auto a = randn({2, 3}); BOOST_TEST(a.shape() == Shape({2, 3})))
WORKS(randn_of_a_type, auto a = Tensor<float>::randn({2, 3}); BOOST_TEST(a.shape() == Shape({2, 3})))
WORKS(ones_, auto a = Tensor<float>::ones({2, 3}); check(a, {2, 3}, {1, 1, 1, 1, 1, 1}))
WORKS(zeros_, auto a = Tensor<float>::zeros({2, 3}); check(a, {2, 3}, {0, 0, 0, 0, 0, 0}))
WORKS(full_, auto a = Tensor<float>::full({2, 3}, 1); check(a, {2, 3}, {1, 1, 1, 1, 1, 1}))
WORKS(arange_, auto a = arange(10); check(a, {10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}))
WORKS(eye_, auto a = eye(3); check(a, {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1}))
WORKS(from_floats, Tensor<float> a({2, 3}, v); check(a, {2, 3}, d))
WORKS(from_doubles, Tensor<float> a({2, 3}, d); check(a, {2, 3}, d))
WORKS(extent_of_size_t, Tensor<float> a({n, 2}, v); check(a, {3, 2}, d))
WORKS(extent_of_int, Tensor<float> a({k, 2}, v); check(a, {3, 2}, d))
WORKS(item_, float a = sum(x).item(); BOOST_TEST(a == 10))
WORKS(size_of_an_axis, auto a = x.size(0); BOOST_TEST(a == 2))
WORKS(extent_, auto a = x.extent(0); BOOST_TEST(a == 2))
WORKS(requires_grad, x.requires_grad_(); BOOST_TEST(x.requires_gradient()))
WORKS(backward_, x.requires_grad_(); Tape tape; sum(x).backward(); check(x.grad(), square22, {1, 1, 1, 1}))
WORKS(
    grad_, x.requires_grad_(); {
      Tape tape;
      sum(x * 2).backward();
    } auto a = x.grad();
    check(a, square22, {2, 2, 2, 2}))
WORKS(no_grad, x.requires_grad_(); Tape tape; NoGradGuard g; const auto z = sum(x);
      BOOST_TEST(!z.requires_gradient()))
WORKS(to_double, auto a = x.to<double>(); static_assert(std::is_same_v<decltype(a), Tensor<double>>);
      check(a, square22, {1, 2, 3, 4}))
WORKS(cast_, Tensor<double> a = cast<double>(x); check(a, square22, {1, 2, 3, 4}))
WORKS(to_a_device, auto a = x.to(cpu::device()); check(a, square22, {1, 2, 3, 4}))
WORKS(mean_squared_error, auto a = mse_loss(x, y); BOOST_TEST(a.item() == 3.5f))
WORKS(cross_entropy_, auto a = cross_entropy(x, t);
      BOOST_TEST(a.item() == static_cast<float>(std::log1p(std::exp(1)) - 0.5),
                 boost::test_tools::tolerance(1e-6f)))
WORKS(binary_cross_entropy_, x = x / 5; auto a = binary_cross_entropy(x, y);
      BOOST_TEST(a.item() == static_cast<float>(-std::log(0.2 * 0.4 * 0.6 * 0.8) / 4),
                 boost::test_tools::tolerance(1e-6f)))
WORKS(softmax_along_an_axis, auto a = softmax(x, 1); check(sum(a, 1), {2}, {1, 1}))
WORKS(layer_norm_, auto a = layer_norm<float>(x, {}, {}); check(mean(a, 1), {2}, {0, 0}))
WORKS(sequential, nn::Sequential<float> s; check(s.forward(x), square22, {1, 2, 3, 4}))
WORKS(relu_module, nn::ReLU r; check(r.forward(x - 2), square22, {0, 0, 1, 2}))
WORKS(vector_of_modules, std::vector<nn::LayerNorm<float>> a; a.emplace_back(3);
      BOOST_TEST(a[0].parameters().size() == 2u))
WORKS(
    optimiser_of_parameters, struct N
    : nn::Module<float> {} net;
    optim::Adam<float> a(net.parameters(), 1e-3); a.step(); BOOST_TEST(a.steps() == 1))
WORKS(linear_without_bias, nn::Linear<float> l(2, 3, nn::zeros()); BOOST_TEST(l.parameters().size() == 1u))
WORKS(arithmetic_on_ids, auto a = t + t; check(a, {2}, {0, 2}))
WORKS(from_a_span, v = {1, 2}; Tensor<float> a({2}, std::span<const float>(v)); check(a, {2}, {1, 2}))
WORKS(from_an_array, float q[2] = {1, 2}; Tensor<float> a({2}, q); check(a, {2}, {1, 2}))

// Beside the list: what its line `bool a = (x == y)`, which does not compile, may have meant.
WORKS(equality_of_elements, auto a = (x == y); check(a, square22, {1, 0, 0, 0}))
// clang-format on

BOOST_AUTO_TEST_SUITE_END()
