// Arguments of the operations that move elements. The operation cases check their values and gradients.
#include "memsizer/ops/layout.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/ops/reduce.hpp"

BOOST_AUTO_TEST_SUITE(layout)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(an_axis_may_be_an_index) {
  const std::vector<Tensor<float>> parts(2, Tensor<float>({1, 2}, {1, 2}));
  const Index axis = 0;
  const Tensor<float> joined = concatenate(parts, axis);
  BOOST_TEST((joined.to_vector() == std::vector<float>{1, 2, 1, 2}));
  BOOST_TEST((slice(joined, axis, 1, 2).to_vector() == std::vector<float>{1, 2}));
  BOOST_CHECK_THROW(concatenate(parts, Index{1} << 32), InputError);
  static_assert(!Streamable<std::vector<Tensor<float>>> && Streamable<Shape>);
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_a_cache) {
  constexpr Id largest = std::numeric_limits<Id>::max();
  const Tensor<float> cache = Tensor<float>::zeros({1, 4, 2}), x = Tensor<float>::full({1, 1, 2}, 1);
  for (Id start : {-1, 4, largest}) BOOST_CHECK_THROW(append(cache, x, {start}, {1}), InputError);
  for (Id length : {-1, 2, largest}) BOOST_CHECK_THROW(append(cache, x, {0}, {length}), InputError);
  BOOST_TEST((append(cache, x, {3}, {1}).to_vector() == std::vector<float>{0, 0, 0, 0, 0, 0, 1, 1}));
}

BOOST_AUTO_TEST_CASE(what_is_repeated_has_the_shape_asked_for) {
  const Tensor<float> x({2, 1}, {-0.0f, 3});
  const Tensor<float> y = broadcast_to(x, Shape{2, 2, 2});
  BOOST_TEST((y.shape() == Shape{2, 2, 2}));
  BOOST_TEST((y.to_vector() == std::vector<float>{0, 0, 3, 3, 0, 0, 3, 3}));
  BOOST_TEST(std::signbit(y.to_vector()[5]));
  BOOST_TEST((broadcast_to(Tensor<float>(Shape{}, {7}), Shape{3}).to_vector() == std::vector<float>(3, 7)));
  BOOST_TEST(broadcast_to(x, Shape{2, 0}).size() == 0);
  for (const Shape& wrong : {Shape{2}, Shape{1, 1}, Shape{3, 2}, Shape{}})
    BOOST_CHECK_THROW(broadcast_to(x, wrong), InputError);
}

BOOST_AUTO_TEST_CASE(a_cache_that_backward_needs_is_refused_after_an_append) {
  const Tensor<double> cache = Tensor<double>::full({1, 2, 1}, 1), x({1, 1, 1}, {50});
  const Tensor<double> w = Tensor<double>::full({1, 2, 1}, 3).require_gradient();
  Tape tape;
  const Tensor<double> y = sum(w * cache);
  append(cache, x, {0}, {1});
  BOOST_CHECK_THROW(tape.backward(y), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
