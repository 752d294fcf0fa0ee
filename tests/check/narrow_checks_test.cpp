#include "memsizer/check/narrow_checks.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(narrow_checks)

using namespace memsizer;

namespace {

/// Results of one array.
check::Results drawn(std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<double> values(1000);
  for (double& value : values) value = random.normal();
  return {values};
}

template <class Change>
check::Results changed(check::Results results, const Change& change) {
  for (double& value : results[0]) value = change(value);
  return results;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_rounding_counts_as_one) {
  const check::Results exact = drawn(1);
  const auto once = [](double x) { return static_cast<double>(bfloat16(x)); };
  const double roundings = check::bfloat16_roundings(changed(exact, once), exact);
  BOOST_TEST(roundings > 0.9);
  BOOST_TEST(roundings < 1.1);
  BOOST_TEST(check::bfloat16_roundings(exact, exact) == 0);
}

BOOST_AUTO_TEST_CASE(a_sum_in_bfloat16_costs_many) {
  const check::Results exact = drawn(2);
  const auto summed = [](double x) {  // x as a sum of 256 parts, each partial sum rounded
    bfloat16 sum(0.0f);
    for (int i = 0; i < 256; ++i) sum += static_cast<float>(x / 256);
    return static_cast<double>(sum);
  };
  BOOST_TEST(check::bfloat16_roundings(changed(exact, summed), exact) > 5);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_or_has_another_size_is_refused) {
  const check::Results exact = drawn(3);
  BOOST_TEST(std::isnan(check::bfloat16_roundings(changed(exact, [](double) { return NAN; }), exact)));
  BOOST_TEST(std::isnan(check::bfloat16_roundings({}, exact)));
  BOOST_TEST(std::isnan(check::bfloat16_roundings({{1.0}}, exact)));
}

BOOST_AUTO_TEST_CASE(float_on_the_cpu_passes_and_a_wrong_operation_does_not) {
  auto floats = check::operation_cases<float>();
  const auto doubles = check::operation_cases<double>();
  BOOST_TEST(check::narrow_error(floats[0], doubles[0], 31, cpu::device()).passed());
  floats[0].operation = [](const check::Inputs<float>& in) { return in.x[0] * 1.001; };
  BOOST_TEST(!check::narrow_error(floats[0], doubles[0], 31, cpu::device()).passed());
}

BOOST_AUTO_TEST_SUITE_END()
