#include "memsizer/base/nearest.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(nearest)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(distances_of_known_pairs) {
  BOOST_TEST(edit_distance("", "") == 0);
  BOOST_TEST(edit_distance("", "abc") == 3);
  BOOST_TEST(edit_distance("abc", "") == 3);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3);
  BOOST_TEST(edit_distance("sitting", "kitten") == 3);
  BOOST_TEST(edit_distance("flaw", "lawn") == 2);
  BOOST_TEST(edit_distance("dropout", "dropout") == 0);
}

BOOST_AUTO_TEST_CASE(the_name_that_was_probably_meant) {
  const std::vector<std::string> names = {"layers", "dim", "heads", "learning_rate"};
  BOOST_TEST(nearest_name("layer", names) == "layers");
  BOOST_TEST(nearest_name("learningrate", names) == "learning_rate");
  BOOST_TEST(nearest_name("dim", names) == "dim");
  const std::vector<std::string> equals = {"aa", "ab"};
  BOOST_TEST(nearest_name("ac", equals) == "aa");
}

BOOST_AUTO_TEST_SUITE_END()
