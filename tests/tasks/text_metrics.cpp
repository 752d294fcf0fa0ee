#include "memsizer/tasks/text_metrics.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/metrics/bleu.hpp"
#include "memsizer/metrics/rouge.hpp"

BOOST_AUTO_TEST_SUITE(text_metrics)

using namespace memsizer;
using namespace memsizer::tasks;

BOOST_AUTO_TEST_CASE(a_task_reports_the_figures_that_it_names) {
  const std::vector<std::string> texts{"a river runs", "the lake is old"}, same = texts;
  const TextScores scores = measure_texts({{.metric = metrics::bleu_metric(), .has_signature = true},
                                           {.metric = metrics::rouge_metric(), .figures = {"rougeL"}}},
                                          texts, same, Intervals::no);
  std::vector<std::string> names;
  for (const train::Figure& figure : scores.figures) names.push_back(figure.name);
  BOOST_TEST(names == (std::vector<std::string>{"bleu", "bleu_signature", "rougeL"}),
             boost::test_tools::per_element());
  BOOST_TEST(*train::number_of(scores.figures, "rougeL") == 100);
  BOOST_TEST(scores.intervals.empty());
}

BOOST_AUTO_TEST_CASE(an_interval_stays_within_the_scale) {
  const std::vector<std::string> texts{"a b c", "a b c", "a b c", "a b c", "x"},
      references(texts.size(), "a b c");
  const TextScores scores = measure_texts({{.metric = metrics::rouge_metric(), .figures = {"rouge1"}}}, texts,
                                          references, Intervals::yes);
  BOOST_TEST(scores.intervals[0].high == 100);  // half of its width above the mean would be over 100
  BOOST_TEST(scores.intervals[0].low >= 0);
}

BOOST_AUTO_TEST_CASE(an_interval_holds_its_figure_and_narrows_with_more_texts) {
  const auto width_with = [](int copies) {
    std::vector<std::string> texts, references;
    for (int i = 0; i < copies; ++i)
      for (const char* text : {"a b c", "a b d", "a e f", "g h i"})
        texts.push_back(text), references.push_back("a b c");
    const TextScores scores = measure_texts({{.metric = metrics::rouge_metric(), .figures = {"rouge1"}}},
                                            texts, references, Intervals::yes);
    BOOST_TEST_REQUIRE(scores.intervals.size() == 1u);
    const train::Interval& interval = scores.intervals[0];
    const double figure = *train::number_of(scores.figures, "rouge1");
    BOOST_TEST((interval.low < figure && figure < interval.high));
    return interval.high - interval.low;
  };
  BOOST_TEST(width_with(100) < 0.3 * width_with(4));
}

BOOST_AUTO_TEST_SUITE_END()
