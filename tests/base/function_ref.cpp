#include "memsizer/base/function_ref.hpp"

#include <memory>
#include <string>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(function_ref)

using namespace memsizer;

namespace {

int twice(FunctionRef<int(int)> function) {
  return function(1) + function(2);
}

struct Doubler {
  int operator()(int x) const { return 2 * x; }
};

int negated(int x) {
  return -x;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_of_function_object_is_called) {
  BOOST_TEST(twice([](int x) { return 10 * x; }) == 30);
  const Doubler constant;
  BOOST_TEST(twice(constant) == 6);
  BOOST_TEST(twice(&negated) == -3);
  int calls = 0;
  BOOST_TEST(twice([&calls, own = 5](int) mutable { return calls = ++own; }) == 13);
  BOOST_TEST(calls == 7);
}

BOOST_AUTO_TEST_CASE(it_refers_and_does_not_copy) {
  int total = 0;
  auto add = [&total, kept = std::make_unique<int>(3)](int x) { return total += x * *kept; };
  const FunctionRef<int(int)> first = add, second = first;
  BOOST_TEST(first(1) == 3);
  BOOST_TEST(second(2) == 9);
  BOOST_TEST(total == 9);
}

BOOST_AUTO_TEST_CASE(arguments_are_passed_on_as_they_came) {
  const auto take = [](std::unique_ptr<int> owned, std::string& text) { text += std::to_string(*owned); };
  const FunctionRef<void(std::unique_ptr<int>, std::string&)> reference = take;
  std::string text = "got ";
  reference(std::make_unique<int>(4), text);
  BOOST_TEST(text == "got 4");
}

BOOST_AUTO_TEST_SUITE_END()
