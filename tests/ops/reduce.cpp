// The tensors that the tape keeps for the backward of reductions. The operation cases check their values and
// gradients.
#include "memsizer/ops/reduce.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/ops/elementwise.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
