// The tensors that the tape keeps for the backward of elementwise operations. The operation cases check their
// values and gradients.
#include "memsizer/ops/elementwise.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(elementwise)

using namespace memsizer;

namespace {

constexpr Index elements = 1 << 16, bytes = elements * Index{sizeof(float)};
constexpr int steps = 10;

Index in_use() {
  return cpu::device().pool().bytes_in_use();
}

Tensor<float> full(float value) {
  return Tensor<float>::full({elements}, value);
}

/// How many tensors the tape keeps after `steps` times y = step(y), apart from the last y.
template <class Step>
Index saved_tensors(const Step& step) {
  Tensor<float> x = full(1).require_gradient();
  const Index before = in_use();
  Tape tape;
  Tensor<float> y = x * 1.0;
  for (int i = 0; i < steps; ++i) y = step(y);
  return (in_use() - before) / bytes - 1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sums_and_differences_keep_no_operand) {
  const Tensor<float> c = full(2);
  BOOST_TEST(saved_tensors([](const auto& y) { return y + y; }) == 0);
  BOOST_TEST(saved_tensors([](const auto& y) { return y - y; }) == 0);
  BOOST_TEST(saved_tensors([&](const auto& y) { return y + c; }) == 0);
  BOOST_TEST(saved_tensors([&](const auto& y) { return c - y; }) == 0);
}

BOOST_AUTO_TEST_CASE(products_and_quotients_keep_what_their_gradients_read) {
  const Tensor<float> c = full(2);
  BOOST_TEST(saved_tensors([&](const auto& y) { return y * c; }) == 0);
  BOOST_TEST(saved_tensors([&](const auto& y) { return c * y; }) == 0);
  BOOST_TEST(saved_tensors([&](const auto& y) { return y / c; }) == 0);
  BOOST_TEST(saved_tensors([&](const auto& y) { return c / y; }) == steps);
  BOOST_TEST(saved_tensors([](const auto& y) { return y * y; }) == steps);
  BOOST_TEST(saved_tensors([](const auto& y) { return y / y; }) == steps);
}

BOOST_AUTO_TEST_CASE(memory_of_a_sum_stays_low_through_backward) {
  Tensor<float> x = full(1).require_gradient();
  const Index before = in_use();
  cpu::device().pool().reset_peak();
  {
    Tape tape;
    Tensor<float> y = x - x * 2.0;
    for (int i = 0; i < steps; ++i) y = y + y;
    tape.backward(y, full(1));
    // At most: y, the cotangent and its copy, and the gradients before and after a step.
    BOOST_TEST(cpu::device().pool().peak_bytes() - before <= 5 * bytes);
  }
  BOOST_TEST(in_use() == before);
  const std::vector<float> gradient = x.gradient().to_vector();
  BOOST_TEST((gradient == std::vector<float>(elements, -1024)));
}

BOOST_AUTO_TEST_CASE(constants_beside_what_is_learned_change_no_gradient) {
  const auto gradient = [](const auto& f) {
    Tensor<float> x = Tensor<float>({3}, {1, 2, 4}).require_gradient();
    Tape tape;
    Tensor<float> y = f(x, Tensor<float>({3}, {8, 4, 2}));
    tape.backward(y, Tensor<float>::full({3}, 1));
    return x.gradient().to_vector();
  };
  using Values = std::vector<float>;
  BOOST_TEST((gradient([](const auto& x, const auto& c) { return x + c; }) == Values{1, 1, 1}));
  BOOST_TEST((gradient([](const auto& x, const auto& c) { return c - x; }) == Values{-1, -1, -1}));
  BOOST_TEST((gradient([](const auto& x, const auto& c) { return x * c; }) == Values{8, 4, 2}));
  BOOST_TEST((gradient([](const auto& x, const auto& c) { return c * x; }) == Values{8, 4, 2}));
  BOOST_TEST((gradient([](const auto& x, const auto& c) { return x / c; }) == Values{0.125f, 0.25f, 0.5f}));
  BOOST_TEST((gradient([](const auto& x, const auto& c) { return c / x; }) == Values{-8, -1, -0.125f}));
}

BOOST_AUTO_TEST_CASE(slopes_of_powers_at_0_are_those_of_pytorch) {
  const std::vector<std::pair<double, double>> slopes{
      {0, 0}, {1, 1}, {2, 0}, {3, 0}, {1.5, 0}, {70, 0}, {0.5, INFINITY}, {-1, -INFINITY}, {-3, -INFINITY}};
  for (const auto& [exponent, slope] : slopes) {
    const Tensor<double> x = Tensor<double>({1}, {0}).require_gradient();
    Tape tape;
    tape.backward(sum(pow(x, exponent)));
    BOOST_TEST(x.gradient().item() == slope, "x^" << exponent << ": " << x.gradient().item());
  }
}

BOOST_AUTO_TEST_SUITE_END()
