#include "memsizer/tasks/lead_sentence.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(lead_sentence)

using memsizer::tasks::lead_sentence;

BOOST_AUTO_TEST_CASE(a_sentence_ends_at_a_mark_before_white_space_or_at_a_line_break) {
  BOOST_TEST(lead_sentence("Rain fell. It was cold.") == "Rain fell.");
  BOOST_TEST(lead_sentence("Is it so? Yes.") == "Is it so?");
  BOOST_TEST(lead_sentence("\"Stop!\" he said. He left.") == "\"Stop!\"");
  BOOST_TEST(lead_sentence("It cost 3.50 pounds.\nMore") == "It cost 3.50 pounds.");
  BOOST_TEST(lead_sentence("A headline\nThe text.") == "A headline");
  BOOST_TEST(lead_sentence("\n\n First. Second.") == "First.");
  BOOST_TEST(lead_sentence("no end") == "no end");
  BOOST_TEST(lead_sentence("") == "");
  BOOST_TEST(lead_sentence(" \n") == "");
}

BOOST_AUTO_TEST_CASE(an_abbreviation_does_not_end_it) {
  BOOST_TEST(lead_sentence("Mr. Orme and J. K. Wren spoke. He left.") == "Mr. Orme and J. K. Wren spoke.");
  BOOST_TEST(lead_sentence("Mrs. Orme of St. Marl won. He left.") == "Mrs. Orme of St. Marl won.");
  BOOST_TEST(lead_sentence("They saw him. He left.") == "They saw him.");
  BOOST_TEST(lead_sentence("It is on. He left.") == "It is on.");
}

BOOST_AUTO_TEST_SUITE_END()
