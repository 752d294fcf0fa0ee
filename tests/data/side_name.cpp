#include "memsizer/data/side_name.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(side_name)

using namespace memsizer::data;

namespace {

void check(const char* file, const SideName& expected) {
  const auto side = read_side_name(file);
  BOOST_REQUIRE_MESSAGE(side.has_value(), file);
  BOOST_CHECK_EQUAL(side->language, expected.language);
  BOOST_CHECK_EQUAL(side->role, expected.role);
  BOOST_CHECK_EQUAL(side->direction, expected.direction);
  BOOST_CHECK_EQUAL(side->set, expected.set);
  BOOST_CHECK_EQUAL(side->sgml, expected.sgml);
}

}  // namespace

BOOST_AUTO_TEST_CASE(names_tell_language_and_set) {
  check("train.en", {"en", "", "", "train"});
  check("a/train.deu.gz", {"deu", "", "", "a/train"});
  check("train.de.txt.zst", {"de", "", "", "train"});
  check("training/europarl-v7.de-en.de", {"de", "", "", "training/europarl-v7.de-en"});
  check("dev/newstest2016-deen-src.de.sgm", {"de", "src", "deen", "dev/newstest2016", true});
  check("newstest2016-ende-ref.de.SGM.GZ", {"de", "ref", "ende", "newstest2016", true});
  check("my-valid-src.de.sgm", {"de", "src", "", "my-valid", true});
  check("valid.de.sgml", {"de", "", "", "valid", true});
  check("x-deen-src.de", {"de", "", "", "x-deen-src"});
  for (const char* file : {"README", "train", "train.sgm", ".en", "train.gz", "train.txt"})
    BOOST_CHECK_MESSAGE(!read_side_name(file), file);
}

BOOST_AUTO_TEST_CASE(directions_are_two_codes) {
  BOOST_CHECK((read_direction("deen") == std::pair<std::string, std::string>("de", "en")));
  BOOST_CHECK((read_direction("eng-deu") == std::pair<std::string, std::string>("eng", "deu")));
  for (const char* word : {"", "de", "test", "de-", "-en", "news-commentary", "deeng", "de-en-fr"})
    BOOST_CHECK_MESSAGE(!read_direction(word), word);
}

BOOST_AUTO_TEST_CASE(other_pairs_of_languages_are_told) {
  const auto other = [](const char* file) {
    return tells_other_languages(*read_side_name(file), {"en", "de"});
  };
  for (const char* file : {"europarl-v7.fr-en.en", "newsdev2016-enro-src.en.sgm", "a.cs-en.x.en"})
    BOOST_CHECK_MESSAGE(other(file), file);
  for (const char* file : {"europarl-v7.de-en.en", "x.en-de.de", "newstest2016-deen-src.de.sgm",
                           "newstest2016-ende-src.en.sgm", "news-commentary-v11.eng-deu.en", "slit.en"})
    BOOST_CHECK_MESSAGE(!other(file), file);
}

BOOST_AUTO_TEST_SUITE_END()
