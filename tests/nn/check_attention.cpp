// Every attention kind's gradients, and that the check sees a wrong one.
#include "memsizer/nn/attention/check_attention.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(check_attention)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(gradients_of_every_kind_equal_differences) {
  for (const auto& kind : nn::attention_kinds<double>) {
    const auto checks = nn::check_attention(kind.name);
    BOOST_TEST(checks.size() == 2u * kind.causal + kind.bidirectional + kind.cross);
    for (const nn::AttentionCheck& check : checks)
      BOOST_TEST(check.report.passed(), check.name << ": " << check.report);
  }
}

BOOST_AUTO_TEST_CASE(a_parameter_cut_off_from_the_tape_is_noticed) {
  nn::detail::CheckedAttention attention("memsizer", true, cpu::device());
  const Tensor<double> x = nn::detail::random_tokens(2, 9, 1, cpu::device());
  const check::GradientReport report = attention.check(
      {x}, [&](const auto& in) { return attention.layer().forward(in[0].detach() + in[0] * 0.5, {}); });
  BOOST_TEST(!report.passed());
  BOOST_TEST(report.input == 0);
}

BOOST_AUTO_TEST_SUITE_END()
