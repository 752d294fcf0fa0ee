#include "memsizer/text/pre_tokenizer.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(pre_tokenizer)

using namespace memsizer::text;

namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  for_each_word(text, [&](std::string_view word) { result.emplace_back(word); });
  return result;
}

void check_words(std::string_view text, const std::vector<std::string>& expected) {
  const auto actual = words(text);
  BOOST_TEST(actual == expected, boost::test_tools::per_element());
}

}  // namespace

// These tests show what the rule means. hugging_face.cpp shows that it is Hugging Face's, by comparing ids.

BOOST_AUTO_TEST_CASE(a_word_carries_the_space_before_it) {
  check_words("Hello world 42 times!", {"Hello", " world", " 42", " times", "!"});
  check_words("x1y2", {"x", "1", "y", "2"});
  check_words("\u4f60\u597d, \u00e9t\u00e9", {"\u4f60\u597d", ",", " \u00e9t\u00e9"});
}

BOOST_AUTO_TEST_CASE(contractions_are_words) {
  check_words("don't they'll it'S", {"don", "'t", " they", "'ll", " it", "'", "S"});
  check_words("'s's", {"'s", "'s"});
  check_words(" 's", {" '", "s"});
  check_words("''s", {"''", "s"});
  check_words("'r", {"'", "r"});
}

BOOST_AUTO_TEST_CASE(of_a_run_of_white_space_the_last_stays_for_the_next_word) {
  check_words("a   b", {"a", "  ", " b"});
  check_words("a\n\nb", {"a", "\n", "\n", "b"});
  check_words(" \n = T = \n \n", {" \n", " =", " T", " =", " \n \n"});
  check_words("a  ", {"a", "  "});
  check_words("a\u3000\u3000b", {"a", "\u3000", "\u3000", "b"});
  check_words("a \u00a0b", {"a", " ", "\u00a0", "b"});
}

BOOST_AUTO_TEST_CASE(marks_are_symbols) {
  check_words("e\u0301a", {"e", "\u0301", "a"});
}

BOOST_AUTO_TEST_CASE(invalid_bytes_are_symbols) {
  check_words("a\xFF\xFEz", {"a", "\xFF\xFE", "z"});
  check_words("a \xE2\x82 b", {"a", " \xE2\x82", " b"});
}

BOOST_AUTO_TEST_CASE(any_bytes_joined_are_the_text_again) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string text(random() % 200, '\0'), joined;
    for (char& byte : text) byte = static_cast<char>(random());
    for (const std::string& word : words(text)) {
      BOOST_TEST(!word.empty());
      joined += word;
    }
    BOOST_TEST((joined == text));
  }
}

BOOST_AUTO_TEST_CASE(sixty_four_bytes_at_a_time_give_the_words_of_the_rule) {
  const auto one_by_one = [](std::string_view text) {
    std::vector<std::string> result;
    for (size_t position = 0; position < text.size();) {
      const size_t end = word_end(text, position);
      result.emplace_back(text.substr(position, end - position));
      position = end;
    }
    return result;
  };
  std::mt19937 random(17);
  for (int round = 0; round < 3000; ++round) {
    std::string text = random_text::make(random, 200);
    if (round % 3 == 0)
      text += std::string(random() % 130, " \na1'"[random() % 5]) + random_text::make(random, 90);
    if (round % 5 == 0)
      text.insert(random() % (text.size() + 1), "I'll say it's 'round, they've we're'd can't'tx ");
    BOOST_TEST_REQUIRE((words(text) == one_by_one(text)), "another split of \"" << text << "\"");
  }
  for (int first = 0; first < 256; ++first)  // each pair of bytes at the border of 64
    for (int second = 0; second < 256; ++second) {
      std::string text(130, 'a');
      text[62] = static_cast<char>(first);
      text[63] = static_cast<char>(second);
      BOOST_TEST_REQUIRE((words(text) == one_by_one(text)), "bytes " << first << " and " << second);
    }
}

BOOST_AUTO_TEST_SUITE_END()
