#include "memsizer/metrics/squad.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(squad_scores)

using namespace memsizer;
using namespace memsizer::metrics;

BOOST_AUTO_TEST_CASE(case_punctuation_and_articles_do_not_count) {
  BOOST_TEST((normal_answer("The  Beatles' (second) album.\u00a0") == U"beatles second album"));
  BOOST_TEST((normal_answer("An answer: A-Z, the end") == U"answer az end"));
  BOOST_TEST((normal_answer("well-known a.b_c") == U"wellknown abc"));
  BOOST_TEST((normal_answer("THE the a an, tHe!") == U""));
  BOOST_TEST((normal_answer("another theatre ana a1") == U"another theatre ana a1"));
}

BOOST_AUTO_TEST_CASE(only_ascii_punctuation_falls) {
  BOOST_TEST(
      (normal_answer("\u201cthe\u201d \u2013 \u00aban\u00bb") == U"\u201c \u201d \u2013 \u00ab \u00bb"));
  BOOST_TEST((normal_answer("caf\u00c9 \u0130") == U"caf\u00e9 i\u0307"));
  // A mark is no part of a word, so the letter before it stands alone; a letter with an accent is another
  // word.
  BOOST_TEST((normal_answer("a\u0301 \u00e0 th\u00e9") == U"\u0301 \u00e0 th\u00e9"));
}

BOOST_AUTO_TEST_CASE(words_in_common_give_f1) {
  const SquadScore score = squad("the old bridge bridge", "bridge of Skarrow");
  BOOST_TEST(!score.exact_match);
  BOOST_CHECK_CLOSE_FRACTION(score.f1, 2 * (1. / 3) * (1. / 3) / (2. / 3), 1e-15);
  BOOST_TEST(squad("The Bridge", "bridge.").exact_match);
  BOOST_TEST(squad("The Bridge", "bridge.").f1 == 1);
  BOOST_TEST(squad("bridge old", "old bridge").f1 == 1);
  BOOST_TEST(!squad("bridge old", "old bridge").exact_match);
}

BOOST_AUTO_TEST_CASE(empty_answers_match_but_share_no_word) {
  for (const auto& [hypothesis, reference] : {std::pair{"", ""}, {"the", ""}, {"!", "a"}}) {
    BOOST_TEST(squad(hypothesis, reference).exact_match);
    BOOST_TEST(squad(hypothesis, reference).f1 == 0);
  }
  BOOST_TEST(!squad("", "word").exact_match);
  BOOST_TEST(squad("word", "the").f1 == 0);
}

BOOST_AUTO_TEST_CASE(each_figure_takes_its_best_reference) {
  const CorpusMetric metric = squad_metric();
  BOOST_TEST((metric.names == std::vector<std::string>{"exact_match", "f1"}));
  const std::vector<std::string> hypotheses = {"a bridge", "old bridge"};
  const std::vector<std::vector<std::string>> references = {{"x", "bridge"}, {"Bridge!", "y"}};
  const auto scores = metric.scores(SegmentCounts(metric, hypotheses, references).sums());
  BOOST_TEST(scores[0] == 50);
  BOOST_CHECK_CLOSE_FRACTION(scores[1], 100 * (1 + 2. / 3) / 2, 1e-14);
  CHECK_THROWS_SAYING(metric.count("\xff", std::vector<std::string_view>{"a"}), InputError, "UTF-8");
}

BOOST_AUTO_TEST_SUITE_END()
