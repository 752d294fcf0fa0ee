#include "memsizer/device/smoothed_target.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(device_smoothed_target)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(all_masses_sum_to_one) {
  for (const Index classes : {1, 2, 7})
    for (const auto over : {LabelSmoothing::Over::others, LabelSmoothing::Over::all}) {
      if (classes == 1 && over == LabelSmoothing::Over::others) continue;  // there are no others
      const SmoothedTarget<double> target({.smoothing = 0.3, .over = over}, classes);
      BOOST_TEST(std::abs(static_cast<double>(classes) * target.others() + target.right() - 1) < 1e-15);
    }
}

BOOST_AUTO_TEST_CASE(the_loss_is_the_cross_entropy) {
  const double x[] = {0.5, -1, 2}, largest = 2;
  const SmoothedTarget<double> target({.smoothing = 0.2}, 3);
  double sum = 0, shifted = 0;
  for (const double logit : x) sum += std::exp(logit - largest), shifted += logit - largest;
  const double log_sum = std::log(sum);
  double expected = 0;
  for (int i = 0; i < 3; ++i)
    expected += (target.others() + (i == 1 ? target.right() : 0)) * (log_sum - (x[i] - largest));
  BOOST_TEST(std::abs(target.loss(log_sum, x[1] - largest, shifted) - expected) < 1e-15);
}

BOOST_AUTO_TEST_CASE(classes_are_named_from_zero_on) {
  BOOST_TEST(names_class(0, 3));
  BOOST_TEST(names_class(2, 3));
  BOOST_TEST(!names_class(3, 3));
  BOOST_TEST(!names_class(-1, 3));
}

BOOST_AUTO_TEST_SUITE_END()
