#include "memsizer/text/byte_alphabet.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(byte_alphabet)

using namespace memsizer::text;

BOOST_AUTO_TEST_CASE(every_byte_has_a_spelling_of_its_own) {
  std::set<std::string> spellings;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    const std::string spelling = spell_bytes(bytes);
    BOOST_TEST(read_spelling(spelling).value() == bytes);
    spellings.insert(spelling);
  }
  BOOST_TEST(spellings.size() == 256u);
}

BOOST_AUTO_TEST_CASE(the_order_is_that_of_hugging_face) {
  const auto vocabulary = recorded::read("trained.json")["model"]["vocab"];
  for (size_t i = 0; i < 256; ++i) {
    const std::string byte(1, static_cast<char>(bytes_in_alphabet_order[i]));
    BOOST_TEST(vocabulary[spell_bytes(byte)] == 3 + i);
  }
}

BOOST_AUTO_TEST_CASE(words_are_spelled_as_in_gpt2_files) {
  BOOST_TEST(spell_bytes(" the") == "\u0120the");
  BOOST_TEST(spell_bytes("\n") == "\u010A");
  BOOST_TEST(spell_bytes("\u00e9") == "\u00c3\u00a9");
  BOOST_TEST(read_spelling("").value() == "");
  BOOST_TEST(read_spelling("\u0120the").value() == " the");
}

BOOST_AUTO_TEST_CASE(characters_outside_the_alphabet_are_refused) {
  for (const char* spelling : {" ", "a b", "\n", "\u00a0", "\u00ad", "\u0144", "\u4f60", "\xFF", "ab\xC3"})
    BOOST_TEST(!read_spelling(spelling).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
