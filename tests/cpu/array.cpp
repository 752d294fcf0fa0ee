#include "memsizer/cpu/array.hpp"

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/whole_packets.hpp"

BOOST_AUTO_TEST_SUITE(array)

using namespace memsizer;
using Types = boost::mpl::list<float, double>;

namespace {

// Every length up to some packets: no packet, whole packets, and whole packets with a rest.
constexpr Index longest = 70;

template <class T>
std::vector<T> numbers(T first, T step) {
  std::vector<T> result;
  for (Index i = 0; i < longest; ++i) result.push_back(first + static_cast<T>(i) * step);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(an_expression_is_what_its_words_say, T, Types) {
  const std::vector<T> a = numbers<T>(T(-3), T(0.25)), b = numbers<T>(T(9), T(-0.125));
  std::vector<T> y(longest + 1);
  for (Index n = 0; n <= longest; ++n) {
    y.assign(y.size(), T(77));
    const auto left = cpu::array(a.data(), n), right = cpu::array(b.data(), n);
    cpu::array(y.data(), n) = T(2) * (left + right) - cpu::square_of(left) / right;
    cpu::array(y.data(), n) += cpu::larger_of(left, -right) * T(3);
    cpu::array(y.data(), n) -= left - T(1);
    cpu::array(y.data(), n) *= right;
    for (Index i = 0; i < n; ++i) {
      const T u = a[static_cast<std::size_t>(i)], v = b[static_cast<std::size_t>(i)];
      const T expected = (2 * (u + v) - u * u / v + std::max(u, -v) * 3 - (u - 1)) * v;
      BOOST_TEST(y[static_cast<std::size_t>(i)] == expected, boost::test_tools::tolerance(T(1e-5)));
    }
    BOOST_TEST(y[static_cast<std::size_t>(n)] == T(77));  // nothing behind the end is written
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_array_is_assigned_by_elements, T, Types) {
  const std::vector<T> a = numbers<T>(T(1), T(1));
  std::vector<T> y(longest), z(longest, T(5));
  const auto out = cpu::array(y.data(), longest);
  out = cpu::array(a.data(), longest);
  BOOST_TEST(y == a);
  out = cpu::Array<T>(z.data(), longest);
  BOOST_TEST(y == z);
  out = T(4);
  BOOST_TEST(y == std::vector<T>(longest, T(4)));
}

BOOST_AUTO_TEST_CASE(numbers_are_converted) {
  const std::vector<float> a = numbers<float>(0.5F, 0.25F);
  std::vector<double> y(longest, 1);
  cpu::array(y.data(), longest) += cpu::converted<double>(cpu::array(a.data(), longest));
  for (std::size_t i = 0; i < y.size(); ++i) BOOST_TEST(y[i] == 1 + static_cast<double>(a[i]));
  const auto same = cpu::converted<float>(cpu::array(a.data(), longest));
  static_assert(std::is_same_v<decltype(same), const cpu::Array<const float>>, "nothing to convert");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_and_maxima_have_every_number_once, T, Types) {
  const std::vector<T> a = numbers<T>(T(-20), T(0.5));
  for (Index n = 0; n <= longest; ++n)
    for (Index first = 0; first < std::min<Index>(n, 3); ++first) {  // aligned or not
      T sum = 0, largest = -std::numeric_limits<T>::infinity();
      for (Index i = first; i < n; ++i) {
        sum += a[static_cast<std::size_t>(i)];
        largest = std::max(largest, a[static_cast<std::size_t>(i)]);
      }
      const auto part = cpu::array(a.data() + first, n - first);
      BOOST_TEST(cpu::sum_of(part) == sum);  // exact: multiples of a half
      BOOST_TEST(cpu::largest_of(part) == largest);
    }
  BOOST_TEST(cpu::largest_of(cpu::array(a.data(), 0)) == -std::numeric_limits<T>::infinity());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_maximum_keeps_nan_where_it_is_told_to, T, Types) {
  for (Index n = 1; n <= longest; ++n)
    for (Index i = 0; i < n; ++i) {
      std::vector<T> a = numbers<T>(T(0), T(1));
      a[static_cast<std::size_t>(i)] = std::numeric_limits<T>::quiet_NaN();
      BOOST_TEST(std::isnan(cpu::largest_of<Eigen::PropagateNaN>(cpu::array(a.data(), n))));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_value_does_not_depend_on_its_place, T, Types) {
  const std::vector<T> a = numbers<T>(T(-80), T(1.25));
  std::vector<T> all(longest), one(1);
  cpu::array(all.data(), longest) = cpu::softmax_weight(cpu::array(a.data(), longest));
  for (std::size_t i = 0; i < a.size(); ++i) {
    cpu::array(one.data(), 1) = cpu::softmax_weight(cpu::array(&a[i], 1));
    BOOST_TEST(one[0] == all[i]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
