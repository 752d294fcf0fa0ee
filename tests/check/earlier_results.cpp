// Results from before the last backward as inputs of an operation. No gradient can pass through them any
// more, and every operation says so.
#include <boost/test/unit_test.hpp>

#include "memsizer/check/operation_cases.hpp"

BOOST_AUTO_TEST_SUITE(earlier_results)

using namespace memsizer;

namespace {

using Inputs = check::Inputs<double>;

/// The case's inputs as results: each is computed from a leaf, on the tape that is alive now.
Inputs computed(const check::OperationCase<double>& one, std::vector<Tensor<double>>& leaves) {
  Inputs inputs = one.inputs_for(std::max<Index>(3, one.smallest), cpu::device());
  for (Tensor<double>& x : inputs.x) {
    leaves.push_back(x.require_gradient());
    x = x + 0.0;
  }
  return inputs;
}

bool is_clear(const InputError& error) {
  return std::string_view(error.what()).find("from before the last backward") != std::string_view::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_operation_refuses_them) {
  for (const auto& one : check::operation_cases<double>()) {
    std::vector<Tensor<double>> leaves;
    Tape tape;
    const Inputs of_this_pass = computed(one, leaves);
    if (of_this_pass.x.empty()) continue;
    Inputs of_a_lost_tape;
    {
      const Tape lost;
      of_a_lost_tape = computed(one, leaves);
    }
    BOOST_CHECK_EXCEPTION(one.operation(of_a_lost_tape), InputError, is_clear);
    tape.backward(sum(one.operation(of_this_pass)));
    // One earlier result among fresh inputs is enough for the error.
    for (std::size_t i = 0; i < of_this_pass.x.size(); ++i) {
      Inputs mixed = computed(one, leaves);
      mixed.x[i] = of_this_pass.x[i];
      BOOST_CHECK_EXCEPTION(one.operation(mixed), InputError, is_clear);
      mixed.x[i] = of_this_pass.x[i].detach();
      BOOST_CHECK_NO_THROW(one.operation(mixed));
    }
    const Tape::Pause pause;
    BOOST_CHECK_NO_THROW(one.operation(of_this_pass));
  }
}

BOOST_AUTO_TEST_CASE(a_result_of_the_tape_around_hands_its_gradient_on) {
  const Tensor<double> x = Tensor<double>({1}, {3}).require_gradient();
  Tape outer;
  const Tensor<double> y = square(x);
  {
    Tape inner;
    inner.backward(y * 10.0);
  }
  outer.backward(y + 0.0);
  BOOST_TEST(x.gradient().item() == 11 * 2 * 3);
}

BOOST_AUTO_TEST_SUITE_END()
