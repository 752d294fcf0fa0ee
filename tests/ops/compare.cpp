// Operations that pass no gradient: comparisons, and the place of the largest.
#include "memsizer/ops/compare.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/ops/create.hpp"

BOOST_AUTO_TEST_SUITE(compare)

using namespace memsizer;
using Ids = std::vector<Id>;

BOOST_AUTO_TEST_CASE(comparisons_of_two_and_with_numbers) {
  const Tensor<float> x({3}, {1, 2, 3}), y({3}, {3, 2, 1});
  BOOST_TEST(((x < y).to_vector() == Ids{1, 0, 0}));
  BOOST_TEST(((x <= y).to_vector() == Ids{1, 1, 0}));
  BOOST_TEST(((x > y).to_vector() == Ids{0, 0, 1}));
  BOOST_TEST(((x >= y).to_vector() == Ids{0, 1, 1}));
  BOOST_TEST(((x == y).to_vector() == Ids{0, 1, 0}));
  BOOST_TEST(((x != y).to_vector() == Ids{1, 0, 1}));
  BOOST_TEST(((x > 1.5).to_vector() == Ids{0, 1, 1}));
  BOOST_TEST(((2 >= x).to_vector() == Ids{1, 1, 0}));
  BOOST_TEST(all(x == x));
  BOOST_TEST(any(x == y));
  BOOST_TEST(!all(x == y));
  BOOST_TEST(!any(x > 5.0));
}

BOOST_AUTO_TEST_CASE(shapes_broadcast_and_others_are_refused) {
  const Tensor<double> column({2, 1}, {1, 2}), row({3}, {0, 1, 2});
  const Tensor<Id> both = column == row;
  BOOST_TEST(both.shape() == (Shape{2, 3}));
  BOOST_TEST((both.to_vector() == Ids{0, 1, 0, 0, 0, 1}));
  BOOST_CHECK_THROW(row < Tensor<double>({2}, {1, 2}), InputError);
}

BOOST_AUTO_TEST_CASE(nothing_equals_what_is_no_number) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float> x({2}, {none, 1});
  BOOST_TEST(((x == x).to_vector() == Ids{0, 1}));
  BOOST_TEST(((x != x).to_vector() == Ids{1, 0}));
  BOOST_TEST(((x < 2.0).to_vector() == Ids{0, 1}));
}

BOOST_AUTO_TEST_CASE(the_place_of_the_largest) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float> x({2, 3}, {1, 5, 5, 4, none, 9});
  BOOST_TEST((argmax(x, 1).to_vector() == Ids{1, 1}));  // the first of equals; NaN counts as the largest
  BOOST_TEST((argmax(x, 0).to_vector() == Ids{1, 1, 1}));
  BOOST_TEST((argmin(Tensor<float>({2, 2}, {1, 0, 3, 3}), -1).to_vector() == Ids{1, 0}));
  BOOST_TEST(argmax(x, 1, true).shape() == (Shape{2, 1}));
  BOOST_TEST(argmax(x, 1).shape() == (Shape{2}));
  BOOST_TEST(argmax(Tensor<float>(Shape{0, 3}), 1).size() == 0);
  BOOST_CHECK_THROW(argmax(Tensor<float>(Shape{3, 0}), 1), InputError);
  BOOST_CHECK_THROW(argmax(x, 2), InputError);
}

BOOST_AUTO_TEST_CASE(the_k_largest) {
  const Tensor<double> x({2, 4}, {1, 4, 2, 4, 0, -1, 3, 2});
  const auto top = topk(x, 2);
  BOOST_TEST((top.values.to_vector() == std::vector<double>{4, 4, 3, 2}));
  BOOST_TEST((top.indices.to_vector() == Ids{1, 3, 2, 3}));
  BOOST_TEST(topk(x, 0).indices.shape() == (Shape{2, 0}));
  BOOST_TEST((topk(x, 4).indices.to_vector() == Ids{1, 3, 2, 0, 2, 3, 0, 1}));
  BOOST_CHECK_THROW(topk(x, 5), InputError);
  BOOST_CHECK_THROW(topk(x, -1), InputError);
}

BOOST_AUTO_TEST_CASE(ids_are_compared_with_fractions) {
  const Tensor<Id> ids({3}, {0, 1, 2});
  BOOST_TEST(((ids < 0.5).to_vector() == Ids{1, 0, 0}));
  BOOST_TEST(((ids == 1.5).to_vector() == Ids{0, 0, 0}));
  BOOST_TEST(((ids < 2.5).to_vector() == Ids{1, 1, 1}));
  BOOST_TEST(((ids > -0.5).to_vector() == Ids{1, 1, 1}));
  BOOST_TEST(((1.5 != ids).to_vector() == Ids{1, 1, 1}));
  BOOST_TEST(((ids == 2).to_vector() == Ids{0, 0, 1}));
}

BOOST_AUTO_TEST_SUITE_END()
