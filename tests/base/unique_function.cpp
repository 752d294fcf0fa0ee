#include "memsizer/base/unique_function.hpp"

#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(unique_function)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(it_owns_what_cannot_be_copied_and_ends_it_once) {
  const auto alive = std::make_shared<int>(7);
  {
    UniqueFunction<int(int)> add(
        [alive, two = std::make_unique<int>(2)](int x) { return x + *two + *alive; });
    BOOST_TEST(alive.use_count() == 2);
    const UniqueFunction<int(int)> moved = std::move(add);
    BOOST_TEST(alive.use_count() == 2);
    BOOST_TEST(moved(1) == 10);
  }
  BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(arguments_are_passed_as_they_come) {
  const UniqueFunction<std::string(std::string&&, std::string&)> join([](std::string&& a, std::string& b) {
    b += '!';
    return std::move(a) + b;
  });
  std::string b = "b";
  BOOST_TEST(join("a", b) == "ab!");
  BOOST_TEST(b == "b!");
}

BOOST_AUTO_TEST_CASE(a_list_of_them_grows) {
  std::vector<UniqueFunction<void()>> list;
  int sum = 0;
  for (int i = 0; i < 100; ++i) list.emplace_back([&sum, i] { sum += i; });
  for (const auto& function : list) function();
  BOOST_TEST(sum == 4950);
}

BOOST_AUTO_TEST_SUITE_END()
