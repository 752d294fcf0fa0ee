#include "memsizer/base/wildcard.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(wildcard)

using memsizer::matches;

BOOST_AUTO_TEST_CASE(a_star_stands_for_any_text) {
  BOOST_TEST(matches("*.bias", "blocks.0.fc1.bias"));
  BOOST_TEST(matches("*norm*", "blocks.0.ffn_norm.weight"));
  BOOST_TEST(matches("norm*", "norm"));
  BOOST_TEST(matches("*", ""));
  BOOST_TEST(matches("a*b*c", "a.b.b.c"));
  BOOST_TEST(matches("**", "x"));
}

BOOST_AUTO_TEST_CASE(the_whole_name_must_fit) {
  BOOST_TEST(!matches("*.bias", "blocks.0.bias.x"));
  BOOST_TEST(!matches("bias", "fc1.bias"));
  BOOST_TEST(!matches("a*b*c", "a.c.b"));
  BOOST_TEST(!matches("", "x"));
  BOOST_TEST(matches("", ""));
}

BOOST_AUTO_TEST_SUITE_END()
