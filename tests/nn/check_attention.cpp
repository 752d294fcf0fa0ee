// Checks the gradients of every attention kind, and that the check finds a wrong one.
#include "memsizer/nn/attention/check_attention.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(check_attention)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(gradients_of_every_kind_equal_differences) {
  for (const auto& kind : nn::attention_kinds<double>) {
    const auto checks = nn::check_attention(kind.name);
    BOOST_TEST(checks.size() ==
               2u * kind.causal + kind.document_boundaries + kind.bidirectional + kind.cross);
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

namespace {

/// y = relu(x), which has a kink at 0 in every number of x.
template <class T>
class Rectified : public nn::Attention<T> {
 public:
  static constexpr nn::AttentionDescription description{.name = "rectified", .causal = true};

  explicit Rectified(const nn::AttentionConfig& config) : nn::Attention<T>(description, config) {}

  std::vector<Tensor<T>> kinks(const Tensor<T>& x) const override { return {x}; }
  Index state_bytes(Index) const override { return 0; }
  double step_flops(Index) const override { return 0; }

 protected:
  Tensor<T> forward_causal(const Tensor<T>& x, const nn::Sequence&, nn::State<T>*) const override {
    return relu(x);
  }
};

/// This kind says that all its tokens lie at a kink, so no draw can avoid it.
template <class T>
class Hopeless : public Rectified<T> {
 public:
  static constexpr nn::AttentionDescription description{.name = "hopeless", .causal = true};

  using Rectified<T>::Rectified;
  std::vector<Tensor<T>> kinks(const Tensor<T>& x) const override { return {x * 0.0}; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(tokens_keep_away_from_the_kinks_that_a_kind_names) {
  auto& own = nn::own_attention_kinds<double>();
  own.push_back(nn::attention_kind<double, Rectified>());
  own.push_back(nn::attention_kind<double, Hopeless>());
  const Rectified<double> layer({.dim = 12, .causal = true});
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const Tensor<double> tokens = nn::detail::smooth_tokens(layer, 2, 9, seed, cpu::device());
    for (const double number : tokens.to_vector()) BOOST_TEST(std::abs(number) >= 0.05);
  }
  const auto checks = nn::check_attention("rectified");
  BOOST_TEST(checks.size() == 2u);
  for (const nn::AttentionCheck& check : checks)
    BOOST_TEST(check.report.passed(), check.name << ": " << check.report);
  BOOST_CHECK_THROW(nn::check_attention("hopeless"), Error);
  own.clear();
}

BOOST_AUTO_TEST_SUITE_END()
