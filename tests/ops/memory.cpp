// Large intermediate results that the fused kernels never store: forward and backward run without room for
// them.
#include <boost/test/unit_test.hpp>

#include "memsizer/ops/ops.hpp"

#include "memory_limit.hpp"

BOOST_AUTO_TEST_SUITE(memory)

using namespace memsizer;
using boost::unit_test::precondition;

namespace {

/// An input that requires a gradient, with a few different values.
Tensor<float> leaf(Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.01f * static_cast<float>(i % 13) - 0.05f;
  return Tensor<float>(shape, values).require_gradient();
}

/// Runs an operation that gives a loss, and its backward, with room for only a quarter of `never_stored`
/// floats.
template <class Operation>
void run_without_room_for(Index never_stored, const Operation& operation) {
  cpu::set_threads(1);  // the stack and heap of a thread take address space too
  {
    const MemoryLimit limit(static_cast<rlim_t>(never_stored) * sizeof(float) / 4);
    BOOST_CHECK_THROW(Tensor<float>(Shape{never_stored}), SystemError);
    Tape tape;
    tape.backward(operation());
  }
  cpu::set_threads(0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(attention_stores_no_square_of_time, *precondition(memory_can_be_limited)) {
  constexpr Index time = 4096;
  const Tensor<float> q = leaf({1, time, 8}), k = leaf({1, time, 8}), v = leaf({1, time, 8});
  run_without_room_for(time * time, [&] { return sum(attention(q, k, v, {.causal = true})); });
}

BOOST_AUTO_TEST_CASE(the_scan_stores_no_memory_a_token, *precondition(memory_can_be_limited)) {
  constexpr Index time = 2048, slots = 128, dim = 128;
  const Tensor<float> p = leaf({1, time, slots}), k = leaf({1, time, slots}), v = leaf({1, time, dim});
  run_without_room_for(time * slots * dim, [&] { return sum(causal_scan(p, k, v)); });
}

BOOST_AUTO_TEST_CASE(the_loss_stores_no_logits, *precondition(memory_can_be_limited)) {
  constexpr Index rows = 4096, classes = 8192;
  const Tensor<float> x = leaf({rows, 8}), weight = leaf({classes, 8});
  const Tensor<Id> targets(Shape{rows}, std::vector<Id>(rows, 1));
  run_without_room_for(rows * classes, [&] { return linear_cross_entropy(x, weight, targets).mean; });
}

BOOST_AUTO_TEST_SUITE_END()
