// Numbers and shapes that optimisers refuse.
#include <limits>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/optim/optimiser.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(refused_numbers)

using namespace memsizer;
using namespace memsizer::optim;

namespace {

using Types = boost::mpl::list<float, double>;

template <class T, template <class> class Method, class Settings>
void check_refused(const Settings& settings, const std::string& part) {
  const auto three = Tensor<T>::zeros({3});
  CHECK_THROWS_SAYING(Method<T>(three, three, settings), InputError, part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(bad_settings_and_shapes_are_refused) {
  check_refused<double, Adam>(AdamSettings{.beta1 = 1}, "betas");
  check_refused<double, Adam>(AdamSettings{.beta2 = -0.1}, "betas");
  for (const double epsilon : {-1.0, 0.0, 1e-60, std::numeric_limits<double>::quiet_NaN()})
    check_refused<float, AdamW>(AdamSettings{.epsilon = epsilon}, "epsilon");
  check_refused<double, NesterovSgd>(NesterovSettings{.momentum = 1}, "momentum");
  const auto three = Tensor<double>::zeros({3}), four = Tensor<double>::zeros({4});
  BOOST_CHECK_THROW(Adam<double>(three, four), InputError);
  Adam<double> adam(three, three.clone());
  BOOST_CHECK_THROW(adam.set_steps(-1), InputError);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_number_is_finite_in_the_type_that_computes, T, Types) {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::nan("");
  std::vector<double> wrong{nan, infinity, -infinity, -1e-9};
  if (sizeof(T) == 4) wrong.push_back(1e300);  // infinite as a float
  Adam<T> adam(Tensor<T>::zeros({3}), Tensor<T>::zeros({3}));
  for (const double number : wrong) {
    check_refused<T, Adam>(AdamSettings{.epsilon = number}, "Adam: a finite epsilon of at least 0 expected");
    check_refused<T, Adam>(AdamSettings{.weight_decay = number}, "Adam: a finite weight_decay of at least 0");
    check_refused<T, AdamW>(AdamSettings{.weight_decay = number},
                            "Adam: a finite weight_decay of at least 0");
    check_refused<T, Adam>(AdamSettings{.rate_factor = number}, "Adam: a finite rate_factor of at least 0");
    check_refused<T, NesterovSgd>(
        NesterovSettings{.weight_decay = number},
        concatenate("NesterovSgd: a finite weight_decay of at least 0 expected, got ", number));
    check_refused<T, NesterovSgd>(NesterovSettings{.rate_factor = number},
                                  "NesterovSgd: a finite rate_factor of at least 0");
    CHECK_THROWS_SAYING(adam.step(number), InputError, "optimiser: a finite learning rate of at least 0");
  }
  for (const double number : {nan, infinity, -1e-9})
    CHECK_THROWS_SAYING(adam.step(0.1, number), InputError, "optimiser: a clip of at least 0 expected");
  BOOST_TEST(adam.steps() == 0);
  check_refused<float, Adam>(AdamSettings{.epsilon = 1e300}, "got 1e+300, which is infinite as a float");
  check_refused<T, Adam>(AdamSettings{.beta1 = nan}, "betas");
  check_refused<T, Adam>(AdamSettings{.beta2 = infinity}, "betas");
  check_refused<T, NesterovSgd>(NesterovSettings{.momentum = nan}, "momentum");
}

BOOST_AUTO_TEST_CASE(what_a_float_rounds_to_one_is_no_part_of_a_moment) {
  const double almost_one = 1 - 1e-9;
  check_refused<float, Adam>(AdamSettings{.beta1 = almost_one}, "betas");
  check_refused<float, Adam>(AdamSettings{.beta2 = almost_one}, "betas");
  check_refused<float, NesterovSgd>(NesterovSettings{.momentum = almost_one}, "momentum");
  const auto three = Tensor<double>::zeros({3});
  BOOST_CHECK_NO_THROW(Adam<double>(three, three, {.beta2 = almost_one}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_of_factors_are_finite, T, Types) {
  const double great = sizeof(T) == 4 ? 1e30 : 1e200;  // its square is infinite
  FlatParameters<T> flat(10, true, cpu::device());
  CHECK_THROWS_SAYING((Adam<T>(flat, {.rate_factor = great}, {{0, 5}, {5, 5, 1, great}})), InputError,
                      "Adam: a finite product of rate_factor and a segment's");
  CHECK_THROWS_SAYING((NesterovSgd<T>(flat, {.weight_decay = great}, {{0, 5}, {5, 5, great}})), InputError,
                      "NesterovSgd: a finite product of weight_decay and a segment's decay");
  Adam<T> adam(flat, {}, {{0, 5}, {5, 5, 1, great}});
  CHECK_THROWS_SAYING((adam.step(great)), InputError,
                      "optimiser: a finite product of learning rate and rate_factor");
  BOOST_CHECK_NO_THROW(adam.step(0.1));
}

BOOST_AUTO_TEST_SUITE_END()
