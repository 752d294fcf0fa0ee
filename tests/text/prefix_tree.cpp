#include "memsizer/text/prefix_tree.hpp"

#include <map>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(prefix_tree)

using memsizer::text::detail::PrefixTree;

BOOST_AUTO_TEST_CASE(the_longest_text_is_found) {
  const PrefixTree tree({{"then", 1}, {"thenc\xFF", 2}, {"the", 0}});
  BOOST_TEST(tree.longest_in("the") == 0);
  BOOST_TEST(tree.longest_in("thence") == 1);
  BOOST_TEST(tree.longest_in("thenc\xFF!") == 2);
  for (const char* none : {"", "t", "th", "The"}) BOOST_TEST(tree.longest_in(none) == PrefixTree::none);
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_never_found_and_of_two_values_the_first_counts) {
  BOOST_TEST(PrefixTree().longest_in("a") == PrefixTree::none);
  BOOST_TEST(PrefixTree({{"", 5}}).longest_in("a") == PrefixTree::none);
  BOOST_TEST(PrefixTree({{"a", 3}, {"", 5}, {"a", 4}}).longest_in("ab") == 3);
}

BOOST_AUTO_TEST_CASE(random_texts_are_found_as_by_trying_each_length) {
  std::mt19937 random(41);
  std::map<std::string, std::int32_t> values;
  for (std::int32_t value = 0; value < 300; ++value)
    values.emplace(random_text::make_word(random, 3, 8), value);
  const PrefixTree tree({values.begin(), values.end()});
  for (int round = 0; round < 1000; ++round) {
    const std::string text = random_text::make_word(random, 3, 12);
    std::int32_t expected = PrefixTree::none;
    for (size_t length = 1; length <= text.size(); ++length)
      if (const auto found = values.find(text.substr(0, length)); found != values.end())
        expected = found->second;
    BOOST_TEST(tree.longest_in(text) == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
