#include "memsizer/base/checked.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/accumulate.hpp"

BOOST_AUTO_TEST_SUITE(checked)

using namespace memsizer;

namespace {

constexpr Index largest = std::numeric_limits<Index>::max();

/// Whether the error names what was computed, and says `part`, the reason.
auto says(const std::string& part) {
  return [part](const InputError& error) {
    const std::string text = error.what();
    return text.starts_with("table: ") && text.find(part) != std::string::npos;
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE(products_that_fit) {
  BOOST_TEST(checked_product(6, 7, "table") == 42);
  BOOST_TEST(checked_product(largest, 1, "table") == largest);
  BOOST_TEST(checked_product(0, largest, "table") == 0);
  BOOST_TEST(checked_product(largest, 0, "table") == 0);
  const Index extents[] = {3, 5, 7};
  BOOST_TEST(checked_product(extents, "table") == 105);
  BOOST_TEST(checked_product({}, "table") == 1);
}

BOOST_AUTO_TEST_CASE(products_that_do_not_fit) {
  BOOST_CHECK_EXCEPTION(checked_product(largest / 2 + 1, 2, "table"), InputError, says("overflows 64 bits"));
  BOOST_CHECK_EXCEPTION(checked_product(Index{1} << 32, Index{1} << 31, "table"), InputError,
                        says("4294967296 x 2147483648"));
  BOOST_CHECK_EXCEPTION(checked_product(-1, 5, "table"), InputError, says("negative size -1"));
  BOOST_CHECK_EXCEPTION(checked_product(5, -2, "table"), InputError, says("negative size -2"));
  const Index extents[] = {Index{1} << 40, Index{1} << 40, 0};
  BOOST_CHECK_THROW(checked_product(extents, "table"), InputError);
}

BOOST_AUTO_TEST_CASE(sums) {
  BOOST_TEST(checked_sum(40, 2, "table") == 42);
  BOOST_TEST(checked_sum(largest - 1, 1, "table") == largest);
  BOOST_CHECK_EXCEPTION(checked_sum(largest, 1, "table"), InputError, says("overflows 64 bits"));
  BOOST_CHECK_EXCEPTION(checked_sum(3, -4, "table"), InputError, says("negative size -4"));
}

BOOST_AUTO_TEST_CASE(division_rounds_up) {
  BOOST_TEST(divide_up(0, 8) == 0);
  BOOST_TEST(divide_up(1, 8) == 1);
  BOOST_TEST(divide_up(8, 8) == 1);
  BOOST_TEST(divide_up(9, 8) == 2);
  BOOST_TEST(round_up(0, 8) == 0);
  BOOST_TEST(round_up(1, 8) == 8);
  BOOST_TEST(round_up(8, 8) == 8);
  BOOST_TEST(round_up(9, 8) == 16);
}

BOOST_AUTO_TEST_CASE(numbers_accumulate_in_themselves) {
  static_assert(std::is_same_v<Accumulate<float>, float>);
  static_assert(std::is_same_v<Accumulate<double>, double>);
}

BOOST_AUTO_TEST_SUITE_END()
