#include "memsizer/decode/logits.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"

BOOST_AUTO_TEST_SUITE(logits)

using namespace memsizer;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Id best(std::vector<double> logits) {
  return decode::most_likely<double>(logits);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_largest_is_the_first_of_equal_ones) {
  BOOST_TEST(best({1, 3, 2}) == 1);
  BOOST_TEST(best({1, 3, 3}) == 1);
  BOOST_TEST(best({-infinity, -5, -infinity}) == 1);
}

BOOST_AUTO_TEST_CASE(logits_that_tell_nothing_are_refused) {
  for (const auto& logits : {std::vector<double>{1, std::nan(""), 2},
                             {std::nan("")},
                             {3, std::nan("")},
                             {-infinity},
                             {1, infinity},
                             {}})
    BOOST_CHECK_THROW(best(logits), InputError);
}

BOOST_AUTO_TEST_CASE(log_sum_exp_is_exact_far_from_zero) {
  const std::vector<double> near = {std::log(1.0), std::log(2.0), std::log(5.0), -infinity};
  BOOST_TEST(decode::log_sum_exp<double>(near) == std::log(8.0), boost::test_tools::tolerance(1e-14));
  const std::vector<double> far = {1000, 1000};
  BOOST_TEST(decode::log_sum_exp<double>(far) == 1000 + std::log(2.0), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(the_largest_come_in_order) {
  const std::vector<double> logits = {1, 5, -infinity, 5, 2};
  BOOST_TEST(decode::largest_logits<double>(logits, 3) == (std::vector<Id>{1, 3, 4}),
             boost::test_tools::per_element());
  BOOST_TEST(decode::largest_logits<double>(logits, 99) == (std::vector<Id>{1, 3, 4, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(decode::largest_logits<double>(logits, 0).empty());
}

BOOST_AUTO_TEST_CASE(the_best_of_many_are_those_of_a_sort) {
  RandomStream random(3);
  for (const std::size_t size : {1u, 63u, 64u, 65u, 127u, 128u, 1000u}) {
    std::vector<double> logits(size);
    for (double& logit : logits) logit = static_cast<double>(random.below(40));  // many are equal
    std::vector<Id> order(size);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater<>(),
                             [&](Id token) { return logits[static_cast<std::size_t>(token)]; });
    BOOST_TEST(best(logits) == order[0]);
    for (const std::size_t count : {1u, 7u, 100u, 2000u}) {
      const std::vector<Id> expected(order.begin(),
                                     order.begin() + static_cast<std::ptrdiff_t>(std::min(count, size)));
      BOOST_TEST(decode::largest_logits<double>(logits, static_cast<Index>(count)) == expected,
                 boost::test_tools::per_element());
    }
    logits.back() = std::nan("");  // after all that are larger than most
    BOOST_CHECK_THROW(best(logits), InputError);
    BOOST_CHECK_THROW(decode::largest_logits<double>(logits, 1), InputError);
  }
}

BOOST_AUTO_TEST_CASE(tokens_outside_the_vocabulary_are_refused) {
  decode::require_tokens("prompt", std::vector<Id>{0, 4}, 5);
  for (const Id token : {-1, 5})
    BOOST_CHECK_THROW(decode::require_tokens("prompt", std::vector<Id>{0, token}, 5), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
