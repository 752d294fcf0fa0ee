#include "memsizer/tasks/constant_text.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(constant_text)

using memsizer::tasks::detail::most_frequent;

BOOST_AUTO_TEST_CASE(the_most_frequent_texts_come_first_and_equals_in_their_order) {
  const std::vector<std::string> texts{"b", "a", "c", "a", "c", "d"};
  BOOST_TEST(most_frequent(texts, 3) == (std::vector<std::string>{"a", "c", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(most_frequent(texts, 9).size() == 4u);
  BOOST_TEST(most_frequent({}, 2).empty());
}

BOOST_AUTO_TEST_SUITE_END()
