// What each use of a kind sees: a causal kind nothing of the future, a bidirectional kind everything but
// padding.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "attention_kind_names.hpp"
#include "nn/attention_layer.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(attention_uses)

using namespace memsizer;
using test::largest_difference;
using test::Layer;
using test::random_tensor;
namespace data = boost::unit_test::data;

namespace {

constexpr Index time_steps = 70, changed = 40;  // in a later chunk and tile than the first tokens

/// x with other tokens from `changed` to the end.
Tensor<double> with_another_end(const Tensor<double>& x) {
  const Tensor<double> other = random_tensor(x.shape(), 2);
  return concatenate(std::vector{slice(x, 1, 0, changed), slice(other, 1, changed, time_steps)}, 1);
}

Tensor<double> before_change(const Tensor<double>& y) {
  return slice(y, 1, 0, changed);
}
Tensor<double> after_change(const Tensor<double>& y) {
  return slice(y, 1, changed, time_steps);
}

}  // namespace

BOOST_DATA_TEST_CASE(no_causal_kind_feels_a_change_of_the_future,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::causal)), kind) {
  const Layer layer(kind, true);
  const Tensor<double> x = random_tensor({2, time_steps, 12}, 1), other = with_another_end(x);
  const auto whole = [&](const Tensor<double>& input) { return layer.attention->forward(input, {}); };
  BOOST_TEST(largest_difference(before_change(whole(x)), before_change(whole(other))) == 0);
  BOOST_TEST(largest_difference(after_change(whole(x)), after_change(whole(other))) > 0.01);
  const auto continued = [&](const Tensor<double>& input) {
    nn::State<double> state(2);
    layer.attention->forward(random_tensor({2, 5, 12}, 3), {}, &state);
    return layer.attention->forward(input, {}, &state);
  };
  BOOST_TEST(largest_difference(before_change(continued(x)), before_change(continued(other))) == 0);
  BOOST_TEST(largest_difference(continued(x), whole(x)) > 0.01);  // the earlier segment is seen
}

BOOST_DATA_TEST_CASE(a_bidirectional_kind_sees_all_but_the_padding,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::bidirectional)), kind) {
  const Layer layer(kind, false);
  const Tensor<double> x = random_tensor({2, time_steps, 12}, 1), other = with_another_end(x);
  const nn::Sequence all, padded{.lengths = nn::Lengths({changed, changed}, x.device())};
  const auto first = [&](const Tensor<double>& input, const nn::Sequence& sequence) {
    return before_change(layer.attention->forward(input, sequence));
  };
  BOOST_TEST(largest_difference(first(x, all), first(other, all)) > 0.01);
  BOOST_TEST(largest_difference(first(x, padded), first(other, padded)) == 0);
  const Tensor<double> alone = layer.attention->forward(slice(x, 1, 0, changed), {});
  BOOST_TEST(largest_difference(first(x, padded), alone) <= 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
