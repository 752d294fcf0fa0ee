#include "memsizer/metrics/bleu.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(bleu_scores)

using namespace memsizer;
using namespace memsizer::metrics;

namespace {

BleuCounts count(std::string_view hypothesis, const std::vector<std::string_view>& references,
                 const BleuOptions& options = {}) {
  return count_bleu(hypothesis, references, options);
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_ngram_counts_as_often_as_in_one_reference) {
  // The example of the paper: "the" is twice in the first reference.
  const BleuCounts counts =
      count("the the the the the the the", {"The cat is on the mat, the end", "There is a cat on the mat"});
  BOOST_TEST(counts.matches[0] == 2);
  BOOST_TEST(counts.totals[0] == 7);
  BOOST_TEST(counts.totals[3] == 4);
  BOOST_TEST(counts.matches[1] == 0);
}

BOOST_AUTO_TEST_CASE(the_nearest_reference_gives_the_length) {
  BOOST_TEST(count("a b c", {"a b c d e", "a b"}).reference_words == 2);
  BOOST_TEST(count("a b c", {"a b c d", "a b"}).reference_words == 2);  // of two equally near, the shorter
  BOOST_TEST(count("a b c", {"a b", "a b c"}).reference_words == 3);
  BOOST_TEST(count("", {"a b", "a"}).reference_words == 1);
}

BOOST_AUTO_TEST_CASE(a_perfect_corpus_scores_100) {
  const Bleu result = bleu(count("one two three four", {"one two three four"}));
  BOOST_CHECK_CLOSE_FRACTION(result.score, 100, 1e-12);
  BOOST_TEST(result.brevity_penalty == 1);
}

BOOST_AUTO_TEST_CASE(the_score_is_the_geometric_mean_with_a_penalty) {
  const Bleu result = bleu({8, 10, {6, 4, 2, 1}, {8, 7, 6, 5}});
  BOOST_CHECK_CLOSE_FRACTION(result.brevity_penalty, std::exp(1 - 10.0 / 8), 1e-14);
  const double product = 6.0 / 8 * 4 / 7 * 2 / 6 * 1 / 5;
  BOOST_CHECK_CLOSE_FRACTION(result.score, 100 * result.brevity_penalty * std::pow(product, 0.25), 1e-13);
}

BOOST_AUTO_TEST_CASE(orders_without_a_match_are_smoothed) {
  const Bleu result = bleu({8, 8, {6, 4, 0, 0}, {8, 7, 6, 5}});
  BOOST_CHECK_CLOSE_FRACTION(result.precisions[2], 100.0 / (2 * 6), 1e-14);
  BOOST_CHECK_CLOSE_FRACTION(result.precisions[3], 100.0 / (4 * 5), 1e-14);
}

BOOST_AUTO_TEST_CASE(without_a_match_or_ngrams_the_score_is_0) {
  BOOST_TEST(bleu({}).score == 0);
  BOOST_TEST(bleu({5, 5, {0, 0, 0, 0}, {5, 4, 3, 2}}).score == 0);
  BOOST_TEST(bleu(count("a b c", {"a b c"})).score == 0);  // no line has four words
  BOOST_TEST(bleu(count("", {"a"})).brevity_penalty == 0);
}

BOOST_AUTO_TEST_CASE(lower_case_is_a_choice) {
  BOOST_TEST(count("A b", {"a B"}).matches[0] == 0);
  BOOST_TEST(count("A b", {"a B"}, {.lowercase = true}).matches[0] == 2);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_counted_is_refused) {
  CHECK_THROWS_SAYING(count("a", {}), InputError, "one reference or more");
  CHECK_THROWS_SAYING(count("a", {"b"}, {.tokenize = "13b"}), InputError, "got '13b'");
  CHECK_THROWS_SAYING(bleu_metric({.tokenize = ""}), InputError, "13a");
  CHECK_THROWS_SAYING(count("\xff", {"b"}), InputError, "UTF-8");
}

BOOST_AUTO_TEST_CASE(the_metric_of_a_corpus_sums_over_segments) {
  const CorpusMetric metric = bleu_metric({.tokenize = "intl", .lowercase = true});
  const std::vector<std::string> hypotheses = {"one two three four five", "Six seven eight nine"};
  const std::vector<std::vector<std::string>> references = {
      {"one two three four", "six seven eight nine ten"}, {"one", "six"}};
  const SegmentCounts counts(metric, hypotheses, references);
  BOOST_TEST(counts.segments() == 2u);
  const std::vector<double> sums = counts.sums();
  BOOST_TEST(sums[0] == 9);
  BOOST_TEST(sums[1] == 9);
  BOOST_TEST(sums[2] == 8);
  BOOST_TEST(metric.scores(sums)[0] == bleu({9, 9, {8, 6, 4, 2}, {9, 7, 5, 3}}).score);
  BOOST_TEST(signature(metric, 2) == "nrefs:2|case:lc|eff:no|tok:intl|smooth:exp|version:2.6.0");
  const auto details = metric.details(sums);
  BOOST_TEST(details.front().first == "bleu_precision_1");
  BOOST_TEST(details.back().second == 9);
}

BOOST_AUTO_TEST_CASE(a_corpus_has_lines_and_references_for_each) {
  const CorpusMetric metric = bleu_metric();
  const auto counted = [&](const std::vector<std::string>& hypotheses,
                           const std::vector<std::vector<std::string>>& references) {
    return SegmentCounts(metric, hypotheses, references).segments();
  };
  CHECK_THROWS_SAYING(counted({"a"}, {}), InputError, "one reference or more");
  CHECK_THROWS_SAYING(counted({}, {{}}), InputError, "one line or more");
  CHECK_THROWS_SAYING(counted({"a", "b"}, {{"a", "b"}, {"a"}}), InputError, "2 hypotheses and 1 lines");
}

BOOST_AUTO_TEST_SUITE_END()
