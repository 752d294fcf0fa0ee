#include "memsizer/base/prefetch.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(prefetch)

BOOST_AUTO_TEST_CASE(it_changes_nothing_and_takes_any_address) {
  std::vector<int> numbers(1000);
  std::iota(numbers.begin(), numbers.end(), 0);
  const std::vector<int> before = numbers;
  for (const int& number : numbers) memsizer::prefetch(&number);
  memsizer::prefetch(nullptr);
  memsizer::prefetch(reinterpret_cast<const void*>(~std::uintptr_t{0}));
  BOOST_TEST(numbers == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
