#include "memsizer/text/word_key.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(word_key)

using memsizer::text::detail::key_of;
using memsizer::text::detail::key_of_short;
using memsizer::text::detail::WordKey;

BOOST_AUTO_TEST_CASE(a_key_depends_on_the_word_alone) {
  const std::string text = "abcdefghijklmnopqrstuvwxyz";
  for (size_t length = 0; length <= WordKey::longest_short; ++length) {
    const std::string word = text.substr(0, length);
    BOOST_TEST((key_of_short(std::string_view(text).substr(0, length)) == key_of(word)));
    BOOST_TEST(key_of(word).short_size() == length);
    BOOST_TEST(!key_of(word).is_empty());
    BOOST_TEST(!key_of(word).is_long());
    BOOST_TEST((key_of(word) == key_of(word + std::string(1, '\0'))) == false);
  }
  BOOST_TEST((key_of("ab") == key_of("ba")) == false);
  BOOST_TEST(WordKey().is_empty());
}

BOOST_AUTO_TEST_CASE(a_long_word_has_a_hash) {
  const std::string word(16, 'a');
  BOOST_TEST(key_of(word).is_long());
  BOOST_TEST((key_of(word) == key_of(word)));
  BOOST_TEST((key_of(word) == key_of(word + "a")) == false);
}

BOOST_AUTO_TEST_SUITE_END()
