#include "memsizer/metrics/porter_stemmer.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(porter_stemmer)

using namespace memsizer;
using namespace memsizer::metrics;

namespace {

void check_stem(const char* word, const char* stem) {
  BOOST_TEST(porter_stem(word) == stem, word << " -> " << porter_stem(word) << ", expected " << stem);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_measure_counts_vowels_before_consonants) {
  BOOST_TEST(metrics::detail::letter_kinds("architecture") == "vcccvcvccvcv");
  BOOST_TEST(metrics::detail::letter_kinds("syzygy") == "cvcvcv");
  BOOST_TEST(metrics::detail::letter_kinds("toy") == "cvc");
  BOOST_TEST(metrics::detail::letter_kinds("yyy") == "cvc");
  for (const char* word : {"", "tr", "ee", "tree", "y", "by"})
    BOOST_TEST(metrics::detail::measure(word) == 0, word);
  for (const char* word : {"trouble", "oats", "trees", "ivy"})
    BOOST_TEST(metrics::detail::measure(word) == 1, word);
  for (const char* word : {"troubles", "private", "oaten", "orrery"})
    BOOST_TEST(metrics::detail::measure(word) == 2, word);
}

BOOST_AUTO_TEST_CASE(examples_of_the_paper) {
  check_stem("caresses", "caress");
  check_stem("ponies", "poni");
  check_stem("cats", "cat");
  check_stem("feed", "feed");
  check_stem("agreed", "agre");
  check_stem("plastered", "plaster");
  check_stem("bled", "bled");
  check_stem("sing", "sing");
  check_stem("troubled", "troubl");
  check_stem("hopping", "hop");
  check_stem("falling", "fall");
  check_stem("filing", "file");
  check_stem("relational", "relat");
  check_stem("rational", "ration");
  check_stem("electrical", "electr");
  check_stem("adoption", "adopt");
  check_stem("revival", "reviv");
  check_stem("replacement", "replac");
  check_stem("probate", "probat");
  check_stem("rate", "rate");
  check_stem("cease", "ceas");
  check_stem("controlling", "control");
  check_stem("roll", "roll");
}

BOOST_AUTO_TEST_CASE(differences_of_nltk) {
  for (const auto& [word, stem] : {std::pair{"skies", "sky"},
                                   {"dying", "die"},
                                   {"news", "news"},
                                   {"as", "as"},
                                   {"dies", "die"},
                                   {"died", "die"},
                                   {"fly", "fli"},
                                   {"enjoy", "enjoy"},
                                   {"aged", "age"},
                                   {"conditionally", "condit"},
                                   {"possibly", "possibl"},
                                   {"hopefully", "hope"},
                                   {"geology", "geolog"}})
    check_stem(word, stem);
}

BOOST_AUTO_TEST_CASE(what_is_no_english_word_has_a_stem_too) {
  check_stem("", "");
  check_stem("s", "s");
  check_stem("ing", "ing");
  check_stem("1900s", "1900");
  check_stem("11ing", "11ing");
  check_stem("a11ing", "a1");
  BOOST_TEST(porter_stem(std::string(100'000, 'y')).size() == 100'000u);
}

BOOST_AUTO_TEST_SUITE_END()
