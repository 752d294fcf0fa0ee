// Gradients in a narrow type: a result's gradient has the type itself, a parameter's has its accumulator.
#include <boost/test/unit_test.hpp>

#include "memsizer/autograd/record.hpp"
#include "memsizer/cpu/context.hpp"
#include "memsizer/cpu/elementwise.hpp"
#include "memsizer/cpu/memory.hpp"

BOOST_AUTO_TEST_SUITE(narrow_types)

using namespace memsizer;

namespace {

/// A device with only the bfloat16 kernels that a tape itself uses.
Device& device() {
  static KernelTable<bfloat16> kernels = [] {
    KernelTable<bfloat16> table;
    table.memory.fill = cpu::fill<bfloat16>;
    table.elementwise.affine =
        +[](Context&, Output<bfloat16> y, const bfloat16* x, double scale, double shift, Index n) {
          for (Index i = 0; i < n; ++i)
            y.data[i] = bfloat16(scale * x[i] + shift + (y.accumulate ? double{y.data[i]} : 0.0));
        };
    table.elementwise.widen = cpu::convert<float, bfloat16>;
    table.elementwise.narrow = cpu::convert<bfloat16, float>;
    return table;
  }();
  static Device& device = *new Device("narrow", cpu::context(), cpu::memory(), cpu::table<float>(), kernels);
  return device;
}

/// y = x. The backward computes the gradient in the type G.
template <class G>
Tensor<bfloat16> same(const Tensor<bfloat16>& x) {
  Tensor<bfloat16> y = x.detach();
  record(
      "same", y,
      [dx = GradientTarget<bfloat16, G>(x)](const Tensor<bfloat16>& dy) {
        const Output<G> gradient = dx();
        for (Index i = 0; i < dy.size(); ++i)
          gradient.data[i] =
              static_cast<G>(dy.data()[i] + (gradient.accumulate ? float{gradient.data[i]} : 0.0f));
      },
      x);
  return y;
}

Tensor<bfloat16> numbers(std::initializer_list<double> values) {
  std::vector<bfloat16> narrow;
  for (const double value : values) narrow.emplace_back(value);
  return Tensor<bfloat16>({static_cast<Index>(narrow.size())}, narrow, device());
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_parameters_gradient_keeps_the_digits_of_its_accumulator) {
  for (const bool as_parameter : {true, false}) {
    const Tensor<bfloat16> x = numbers({1, 2}).require_gradient();
    static_assert(std::is_same_v<decltype(x.gradient()), Tensor<float>>);
    const auto use = [&] { return as_parameter ? same<float>(x) : same<bfloat16>(x); };
    for (int pass = 0; pass < 300; ++pass) {
      Tape tape;
      tape.backward(use(), numbers({1, -1}));
    }
    BOOST_TEST((x.gradient().to_vector() == std::vector<float>{300, -300}));  // bfloat16 has no 257
  }
}

BOOST_AUTO_TEST_CASE(contributions_of_both_types_meet_in_one_gradient) {
  const Tensor<bfloat16> x = numbers({1, 2}).require_gradient();
  Tape tape;
  // The parameter x is used twice with each type of gradient, and the result a once with each.
  const Tensor<bfloat16> a = same<float>(x), b = same<bfloat16>(x), c = same<float>(x), d = same<bfloat16>(x);
  const Tensor<bfloat16> e = same<float>(a), f = same<bfloat16>(a), g = same<float>(same<float>(b));
  tape.backward(std::vector{std::pair{c, numbers({1, 10})}, std::pair{d, numbers({2, 20})},
                            std::pair{e, numbers({4, 40})}, std::pair{f, numbers({8, 80})},
                            std::pair{g, numbers({16, 160})}, std::pair{x, numbers({32, 320})}});
  BOOST_TEST((x.gradient().to_vector() == std::vector<float>{63, 630}));
  BOOST_TEST(tape.size() == 0);
}

BOOST_AUTO_TEST_CASE(a_parameter_taken_twice_by_one_operation_gets_both) {
  const Tensor<bfloat16> x = numbers({1}).require_gradient();
  Tape tape;
  const Tensor<bfloat16> apart = apart_from(x, x);
  BOOST_TEST(apart.slot() != x.slot());
  tape.backward(
      std::vector{std::pair{same<float>(apart), numbers({3})}, std::pair{same<float>(x), numbers({4})}});
  BOOST_TEST((x.gradient().to_vector() == std::vector<float>{7}));
}

BOOST_AUTO_TEST_SUITE_END()
