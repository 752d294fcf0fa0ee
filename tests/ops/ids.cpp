// Ids compute, are reduced and move like numbers, though no device has kernels for them.
#include "memsizer/ops/ids.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/ops/ops.hpp"

BOOST_AUTO_TEST_SUITE(ids)

using namespace memsizer;
using Ids = std::vector<Id>;

BOOST_AUTO_TEST_CASE(ids_compute) {
  const Tensor<Id> a({3}, {7, -7, 5}), b({3}, {2, 2, -5});
  BOOST_TEST(((a + b).to_vector() == Ids{9, -5, 0}));
  BOOST_TEST(((a - b).to_vector() == Ids{5, -9, 10}));
  BOOST_TEST(((a * b).to_vector() == Ids{14, -14, -25}));
  BOOST_TEST(((a / b).to_vector() == Ids{3, -3, -1}));
  BOOST_TEST(((a % b).to_vector() == Ids{1, -1, 0}));
  BOOST_TEST(((-a).to_vector() == Ids{-7, 7, -5}));
  BOOST_TEST(((a > b).to_vector() == Ids{1, 0, 1}));
  BOOST_CHECK_THROW(a / (b - b), InputError);
  BOOST_CHECK_THROW(a % (b - b), InputError);
}

BOOST_AUTO_TEST_CASE(ids_compute_with_numbers) {
  Tensor<Id> a({3}, {7, -7, 5});
  const std::size_t two = 2;
  BOOST_TEST(((a + 1).to_vector() == Ids{8, -6, 6}));
  BOOST_TEST(((a - two).to_vector() == Ids{5, -9, 3}));
  BOOST_TEST(((3 - a).to_vector() == Ids{-4, 10, -2}));
  BOOST_TEST(((2 * a).to_vector() == Ids{14, -14, 10}));
  BOOST_TEST(((a / 2).to_vector() == Ids{3, -3, 2}));
  BOOST_TEST(((a % 3).to_vector() == Ids{1, -1, 2}));
  const Tensor<Id> before = a;
  a += 1;
  a -= a / 2;
  a *= 3;
  a /= 2;
  a %= 5;
  BOOST_TEST((a.to_vector() == Ids{1, -4, 4}));
  BOOST_TEST((before.to_vector() == Ids{7, -7, 5}));
  BOOST_CHECK_THROW(a / 0, InputError);
  BOOST_CHECK_THROW(a % 0, InputError);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_no_id_is_refused) {
  const Tensor<Id> ids({3}, {1, 2, 3});
  const Tensor<float> floats({3}, {0, 1, 0});
  for (const double number : {0.5, 2147483648.0, -1e300, static_cast<double>(NAN)}) {
    BOOST_CHECK_THROW(Tensor<Id>({1}, std::vector<double>{number}), InputError);
    BOOST_CHECK_THROW(Tensor<Id>::full({2}, number), InputError);
    BOOST_CHECK_THROW(full<Id>({2}, number), InputError);
    BOOST_CHECK_THROW(Tensor<Id>(ids).fill(number), InputError);
    BOOST_CHECK_THROW(where(floats > 0, ids, number), InputError);
    BOOST_CHECK_THROW(matrix<Id>({{number, 1.0}}), InputError);
    BOOST_CHECK_THROW(matrix<Id>({{number, 1}}), InputError);
  }
  BOOST_CHECK_THROW(Tensor<Id>({1}, std::vector<Index>{Index{1} << 32}), InputError);
  BOOST_CHECK_THROW(Tensor<Id>({1}, std::vector<std::uint32_t>{0xffffffff}), InputError);
  BOOST_CHECK_THROW(arange(Index{1} << 31, (Index{1} << 31) + 2), InputError);
  BOOST_CHECK_THROW(arange<Id>(0.0, 2.0, 0.5), InputError);
  BOOST_CHECK_THROW(clamp(ids, 0.5, 2), InputError);
  BOOST_CHECK_THROW(clamp(ids, 3e9, 4e9), InputError);
  BOOST_TEST((ids.to_vector() == Ids{1, 2, 3}));
  BOOST_TEST((Tensor<Id>({2}, std::vector<double>{3, -2147483648.0}).to_vector() == Ids{3, -2147483647 - 1}));
  BOOST_TEST((clamp(ids, 2, INFINITY).to_vector() == Ids{2, 2, 3}));
  BOOST_TEST((clamp(ids, -INFINITY, 2.0).to_vector() == Ids{1, 2, 2}));
  BOOST_TEST((where(floats > 0, ids, 7).to_vector() == Ids{7, 2, 7}));
}

BOOST_AUTO_TEST_CASE(a_result_that_no_id_holds_is_refused) {
  constexpr Id smallest = std::numeric_limits<Id>::min(), largest = std::numeric_limits<Id>::max();
  const Tensor<Id> ends({2}, {smallest, largest});
  BOOST_CHECK_THROW(ends + 1, InputError);
  BOOST_CHECK_THROW(ends - 1, InputError);
  BOOST_CHECK_THROW(ends * 2, InputError);
  BOOST_CHECK_THROW(-ends, InputError);
  BOOST_CHECK_THROW(ends / -1, InputError);
  BOOST_CHECK_THROW(ends + (Index{1} << 40), InputError);
  BOOST_CHECK_THROW(sum(Tensor<Id>({2}, {largest, 1})), InputError);
  BOOST_TEST(sum(ends).item() == -1);
}

BOOST_AUTO_TEST_CASE(ids_are_reduced) {
  const Tensor<Id> x({2, 3}, {3, -1, 2, 0, 5, 4});
  BOOST_TEST(sum(x).item() == 13);
  BOOST_TEST((sum(x, 1).to_vector() == Ids{4, 9}));
  BOOST_TEST(sum(x, 0, true).shape() == (Shape{1, 3}));
  BOOST_TEST((maximum(x, 0).to_vector() == Ids{3, 5, 4}));
  BOOST_TEST((minimum(x, -1).to_vector() == Ids{-1, 0}));
  BOOST_TEST(max(x).item() == 5);
  BOOST_TEST(min(x).item() == -1);
  BOOST_TEST(sum(x == x).item() == 6);  // how many are equal
  BOOST_TEST(sum(Tensor<Id>(Shape{0})).item() == 0);
  BOOST_CHECK_THROW(maximum(Tensor<Id>(Shape{0})), InputError);
  BOOST_CHECK_THROW(minimum(Tensor<Id>(Shape{2, 0}), 1), InputError);
}

BOOST_AUTO_TEST_CASE(ids_move) {
  const Tensor<Id> x = arange(6).reshape({2, 3});
  BOOST_TEST(x.shape() == (Shape{2, 3}));
  BOOST_TEST((transpose(x).to_vector() == Ids{0, 3, 1, 4, 2, 5}));
  BOOST_TEST((permute(x, {1, 0}).to_vector() == Ids{0, 3, 1, 4, 2, 5}));
  BOOST_TEST((slice(x, 1, 1, 3).to_vector() == Ids{1, 2, 4, 5}));
  BOOST_TEST((slice(x, 1, 0, -2).to_vector() == Ids{0, 3}));
  BOOST_TEST((cat({x, x}, 1).to_vector() == Ids{0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5}));
  BOOST_TEST(stack({x, x}, 0).shape() == (Shape{2, 2, 3}));
  BOOST_TEST((squeeze(unsqueeze(x, 0), 0).to_vector() == x.to_vector()));
  BOOST_TEST((broadcast_to(arange(2), {2, 2}).to_vector() == Ids{0, 1, 0, 1}));
  BOOST_TEST((gather(x, 1, Tensor<Id>({2, 1}, {-1, 0})).to_vector() == Ids{2, 3}));
  BOOST_TEST((where(x > 2, x, -x).to_vector() == Ids{0, -1, -2, 3, 4, 5}));
  BOOST_TEST((where(x > 2, x, 0).to_vector() == Ids{0, 0, 0, 3, 4, 5}));
}

BOOST_AUTO_TEST_SUITE_END()
