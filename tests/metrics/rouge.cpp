#include "memsizer/metrics/rouge.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(rouge_scores)

using namespace memsizer;
using namespace memsizer::metrics;

namespace {

void check_score(const RougeScore& score, double precision, double recall) {
  BOOST_TEST(score.precision == precision);
  BOOST_TEST(score.recall == recall);
  if (precision + recall > 0)
    BOOST_CHECK_CLOSE_FRACTION(score.f1, 2 * precision * recall / (precision + recall), 1e-15);
  else
    BOOST_TEST(score.f1 == 0);
}

std::u32string words(std::string_view text, bool stem = false) {
  return memsizer::metrics::detail::rouge_words(to_code_points(text), {.stem = stem});
}

}  // namespace

BOOST_AUTO_TEST_CASE(words_and_pairs_are_counted_at_most_as_often_as_both_have_them) {
  const RougeScores scores = rouge("the the cat the", "the cat sat on the mat");
  check_score(scores[0], 3. / 4, 3. / 6);
  check_score(scores[1], 1. / 3, 1. / 5);
}

BOOST_AUTO_TEST_CASE(a_common_subsequence_may_have_gaps) {
  // Lin's example: "police the gunman" is in both; "the gunman" alone when the order changes.
  const std::string reference = "police killed the gunman";
  check_score(rouge("police kill the gunman", reference)[2], 3. / 4, 3. / 4);
  check_score(rouge("the gunman kill police", reference)[2], 2. / 4, 2. / 4);
}

BOOST_AUTO_TEST_CASE(sentences_of_a_summary_are_united) {
  // Lin's example: "w1 w2" and "w1 w3 w5" are four of the five words of the reference.
  const RougeScores scores = rouge("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5");
  check_score(scores[3], 4. / 10, 4. / 5);
  // The order of sentences counts for ROUGE-L alone.
  const RougeScores moved = rouge("c d\na b", "a b\nc d");
  check_score(moved[2], 2. / 4, 2. / 4);
  check_score(moved[3], 1, 1);
  // A word that one sentence shares with two counts once, as often as the summary has it.
  check_score(rouge("a", "a\na")[3], 1, 1. / 2);
}

BOOST_AUTO_TEST_CASE(a_backslash_and_an_n_end_a_sentence_where_that_is_asked_for) {
  const RougeScores escaped = rouge("c d\\na b", "a b\\nc d", {.escaped_newlines = true});
  check_score(escaped[3], 1, 1);
  // Otherwise the n belongs to the next word.
  BOOST_TEST((words("c d\\na b") == U"c d na b"));
}

BOOST_AUTO_TEST_CASE(words_are_runs_of_latin_letters_and_digits) {
  BOOST_TEST((words(" Don't pay 1,000.50!\r\n") == U"don t pay 1 000 50"));
  BOOST_TEST((words("caf\u00e9 \u00c9cole under_score") == U"caf cole under score"));
  BOOST_TEST((words("one\u0085two\u2028three") == U"one two three"));
  // The lower case of the Kelvin sign is k, that of the dotted capital I an i and a mark; the dotless i is no
  // i.
  BOOST_TEST((words("\u212aelvin \u0130stanbul \u0131n") == U"kelvin i stanbul n"));
  BOOST_TEST(words("\u4f60\u597d \u2013").empty());
}

BOOST_AUTO_TEST_CASE(words_of_four_letters_and_more_have_stems) {
  BOOST_TEST((words("Runs running, his was dies", true) == U"run run his was die"));
  const RougeScores scores = rouge("he runs", "he running", {.stem = true});
  check_score(scores[0], 1, 1);
  check_score(rouge("he runs", "he running")[0], 1. / 2, 1. / 2);
}

BOOST_AUTO_TEST_CASE(without_words_all_scores_are_0) {
  for (const auto& [hypothesis, reference] :
       {std::pair{"", ""}, {"a", ""}, {"", "a"}, {"\n", "\n\n"}, {"\u4f60", "\u4f60"}, {"a", "b"}})
    for (const RougeScore& score : rouge(hypothesis, reference)) check_score(score, 0, 0);
  check_score(rouge("a", "a")[1], 0, 0);  // no pair of words
  check_score(rouge("a", "a")[3], 1, 1);
}

BOOST_AUTO_TEST_CASE(the_metric_has_four_figures) {
  const CorpusMetric metric = rouge_metric();
  BOOST_TEST((metric.names == std::vector<std::string>{"rouge1", "rouge2", "rougeL", "rougeLsum"}));
  const std::vector<std::string> hypotheses = {"a b", "c"};
  const std::vector<std::vector<std::string>> references = {{"b a", "x"}, {"a", "c"}};
  const auto scores = metric.scores(SegmentCounts(metric, hypotheses, references).sums());
  BOOST_TEST(scores[0] == 100);
  BOOST_TEST(scores[1] == 0);
  BOOST_CHECK_CLOSE_FRACTION(scores[2], 100 * (2. / 3 + 1) / 2, 1e-14);
  CHECK_THROWS_SAYING(metric.count("\xff", std::vector<std::string_view>{"a"}), InputError, "UTF-8");
}

BOOST_AUTO_TEST_CASE(texts_that_are_too_long_are_refused) {
  std::string text;
  for (int i = 0; i < 33'000; ++i) text += "a ";
  CHECK_THROWS_SAYING(rouge(text, text), InputError, "got 33000 and 33000 words");
}

BOOST_AUTO_TEST_SUITE_END()
