#include "memsizer/metrics/chrf.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(chrf_scores)

using namespace memsizer;
using namespace memsizer::metrics;

namespace {

ChrfCounts count(std::string_view hypothesis, const std::vector<std::string_view>& references,
                 const ChrfOptions& options = {}) {
  return count_chrf(hypothesis, references, options);
}

}  // namespace

BOOST_AUTO_TEST_CASE(white_space_does_not_count) {
  const ChrfCounts counts = count("a b\u00a0c", {"ab c"});
  BOOST_TEST(counts[0].hypothesis == 3);
  BOOST_TEST(counts[2].matches == 1);
  BOOST_TEST(counts[3].hypothesis == 0);
  BOOST_CHECK_CLOSE_FRACTION(chrf(counts), 100, 1e-12);
}

BOOST_AUTO_TEST_CASE(recall_weighs_four_times_as_much) {
  // Orders 1 and 2 have n-grams of both. Precision: 2/4 and 1/3; recall: 2/2 and 1/1.
  const double precision = (0.5 + 1.0 / 3) / 2, recall = 1;
  BOOST_CHECK_CLOSE_FRACTION(chrf(count("abxy", {"ab"})),
                             100 * 5 * precision * recall / (4 * precision + recall), 1e-13);
}

BOOST_AUTO_TEST_CASE(the_best_reference_counts) {
  const ChrfCounts counts = count("abc", {"xyz!", "abcd", "zz"});
  BOOST_TEST(counts[0].matches == 3);
  BOOST_TEST(counts[0].reference == 4);
}

BOOST_AUTO_TEST_CASE(without_characters_the_score_is_0) {
  BOOST_TEST(chrf(ChrfCounts{}) == 0);
  BOOST_TEST(chrf(count("", {"a"})) == 0);
  BOOST_TEST(chrf(count(" ", {" "})) == 0);
  BOOST_TEST(chrf(count("abc", {"xyz"})) == 0);
}

BOOST_AUTO_TEST_CASE(lower_case_is_a_choice) {
  BOOST_TEST(chrf(count("AB", {"ab"})) == 0);
  BOOST_CHECK_CLOSE_FRACTION(chrf(count("AB", {"ab"}, {.lowercase = true})), 100, 1e-12);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_counted_is_refused) {
  CHECK_THROWS_SAYING(count("a", {}), InputError, "one reference or more");
  CHECK_THROWS_SAYING(count("a", {"\xc3"}), InputError, "UTF-8");
}

BOOST_AUTO_TEST_CASE(the_metric_of_a_corpus_has_a_signature) {
  BOOST_TEST(signature(chrf_metric(), 1) == "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0");
  BOOST_TEST(signature(chrf_metric({.lowercase = true}), 3, "bs:10|seed:1") ==
             "nrefs:3|bs:10|seed:1|case:lc|eff:yes|nc:6|nw:0|space:no|version:2.6.0");
}

BOOST_AUTO_TEST_SUITE_END()
