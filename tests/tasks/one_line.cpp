#include "memsizer/tasks/one_line.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(one_line)

using namespace memsizer::tasks;

BOOST_AUTO_TEST_CASE(line_breaks_become_spaces_or_two_characters) {
  BOOST_TEST(on_one_line("a\nb\n") == "a b ");
  BOOST_TEST(on_one_line("a\n\nb", LineBreaks::become_backslash_n) == "a\\n\\nb");
  BOOST_TEST(on_one_line("", LineBreaks::become_backslash_n) == "");
  BOOST_TEST(
      as_lines({"a\nb", "c"}, LineBreaks::become_backslash_n) == (std::vector<std::string>{"a\\nb", "c"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
