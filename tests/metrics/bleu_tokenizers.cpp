#include "memsizer/metrics/bleu_tokenizers.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(tokenizers_of_bleu)

using namespace memsizer;
using namespace memsizer::metrics;

namespace {

/// The words with one space between, in UTF-8.
std::string words(const char* tokenizer, std::string_view line) {
  const std::u32string text = bleu_tokenizer(tokenizer).tokenize(to_code_points(line));
  std::string joined;
  for (const std::u32string_view word : split_words(text)) {
    if (!joined.empty()) joined += ' ';
    for (const char32_t point : word) text::append_utf8(joined, static_cast<std::int32_t>(point));
  }
  return joined;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_13a_keeps_numbers_and_compounds) {
  BOOST_TEST(words("13a", "1,000.5 (well-known), isn't it?") == "1,000.5 ( well-known ) , isn't it ?");
  BOOST_TEST(words("13a", "In 2005.") == "In 2005 .");
  BOOST_TEST(words("13a", "3-D a-3") == "3 - D a-3");
  BOOST_TEST(words("13a", "a.,b") == "a . , b");
  BOOST_TEST(words("13a", "&amp;lt; &quot;x&quot;<skipped>") == "< \" x \"");
  BOOST_TEST(words("13a", "\u201eso\u201c\u2026") ==
             "\u201eso\u201c\u2026");  // ASCII punctuation alone is known
  BOOST_TEST(words("13a", "end-\nof line\nnext") == "endof line next");
}

BOOST_AUTO_TEST_CASE(the_international_one_knows_all_punctuation) {
  BOOST_TEST(words("intl", "\u201eso\u201c\u2026 5\u20ac") == "\u201e so \u201c \u2026 5 \u20ac");
  BOOST_TEST(words("intl", "1,000 \u0663\u066b\u0661 a,1") == "1,000 \u0663\u066b\u0661 a , 1");
  BOOST_TEST(words("intl", "In 2005.") == "In 2005.");  // as in mteval-v14
  BOOST_TEST(words("intl", "it's well-known") == "it ' s well - known");
}

BOOST_AUTO_TEST_CASE(characters_and_none) {
  BOOST_TEST(words("char", "a b\u4f60") == "a b \u4f60");
  BOOST_TEST(words("none", "a, b.") == "a, b.");
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_refused_with_all_names) {
  CHECK_THROWS_SAYING(bleu_tokenizer("zh"), InputError, "13a, none, char, intl, got 'zh'");
}

BOOST_AUTO_TEST_SUITE_END()
