// The tensors that the tape keeps for the backward of reductions. The operation cases check their values and
// gradients.
#include "memsizer/ops/reduce.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/ops/elementwise.hpp"
#include "memsizer/ops/loss.hpp"

BOOST_AUTO_TEST_SUITE(reduce)

using namespace memsizer;

namespace {

/// How many tensors of the size of the reduction's input (1 << 16 floats, 1 << 18 bytes) the tape keeps.
template <class Reduction>
Index saved_tensors(const Reduction& reduction) {
  MemoryPool& pool = cpu::device().pool();
  Tensor<float> x = Tensor<float>::full({16, 1 << 12}, 1).require_gradient();
  const Index before = pool.bytes_in_use();
  Tape tape;
  const Tensor<float> y = reduction(x * 2.0);
  return (pool.bytes_in_use() - before) >> 18;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sums_and_means_keep_no_input) {
  BOOST_TEST(saved_tensors([](const auto& x) { return sum(x, 0); }) == 0);
  BOOST_TEST(saved_tensors([](const auto& x) { return mean(x, 1); }) == 0);
  BOOST_TEST(saved_tensors([](const auto& x) { return maximum(x, 0); }) == 1);
}

BOOST_AUTO_TEST_CASE(var_is_the_variance) {
  const Tensor<double> x({2, 2}, {1, 3, 5, 9});
  BOOST_TEST((var(x, 1).to_vector() == std::vector<double>{2, 8}));
  BOOST_TEST((variance(x, 1, true, 0).to_vector() == std::vector<double>{1, 4}));
  BOOST_TEST(variance(x, 1, true).shape() == (Shape{2, 1}));
}

// Zero weights give such logits, and a sigmoid such probabilities.
BOOST_AUTO_TEST_CASE(cross_entropies_have_gradients_at_their_corners) {
  const Tensor<double> y({4}, {0, 1, 0, 1});
  const Tensor<double> logits = Tensor<double>::zeros({4}).require_gradient();
  const Tensor<double> p = Tensor<double>({4}, {0, 1, 1, 0}).require_gradient();
  Tape tape;
  tape.backward(binary_cross_entropy_with_logits(logits, y) + binary_cross_entropy(p, y));
  BOOST_TEST((logits.gradient().to_vector() == std::vector<double>{0.125, -0.125, 0.125, -0.125}));
  const std::vector<double> dp = p.gradient().to_vector();
  for (std::size_t i = 0; i < 4; ++i) {
    const std::vector<double> expected{0, 0, 0.25e12, -0.25e12};
    BOOST_TEST(dp[i] == expected[i], boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_SUITE_END()
