// The sample articles with summaries (samples/data/articles-tiny): their form, what is new in those held out,
// and how little the trivial baselines know.
#include <algorithm>
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/articles.hpp"
#include "memsizer/metrics/rouge.hpp"

#include "data/words_of.hpp"

BOOST_AUTO_TEST_SUITE(sample_articles)

using namespace memsizer;
using namespace memsizer::data;
using test::unknown_word, test::words_of;

namespace {

std::vector<TextPair> articles(Split split) {
  std::vector<TextPair> pairs;
  ArticleStream stream = Articles(test::sample_folder("articles-tiny")).open(split);
  for (TextPair pair; stream.next(pair);) pairs.push_back(pair);
  return pairs;
}

std::string first_line(const std::string& document) {
  return document.substr(0, document.find('\n'));
}

/// The mean F1 of ROUGE-1 (0) or ROUGE-2 (1) times 100 over the summaries of the test split.
template <class Hypothesis>
double score(std::size_t rouge, const std::vector<TextPair>& pairs, const Hypothesis& hypothesis) {
  double sum = 0;
  for (const TextPair& pair : pairs) sum += metrics::rouge(hypothesis(pair), pair.target)[rouge].f1;
  return 100 * sum / static_cast<double>(pairs.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_document_and_no_summary_is_there_twice) {
  const std::pair<Split, std::size_t> sizes[] = {
      {Split::train, 880}, {Split::validation, 120}, {Split::test, 120}};
  std::set<std::string> seen;
  for (const auto& [split, size] : sizes) {
    const std::vector<TextPair> pairs = articles(split);
    BOOST_TEST(pairs.size() == size);
    for (const auto& [document, summary] : pairs) {
      BOOST_TEST(seen.insert(document).second, "twice: " << document);
      BOOST_TEST(seen.insert(summary).second, "twice: " << summary);
    }
  }
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(test::sample_folder("articles-tiny")))
    bytes += file.file_size();
  BOOST_TEST(bytes < 450000u);
}

BOOST_AUTO_TEST_CASE(a_summary_is_one_sentence_and_not_the_first_of_its_document) {
  for (const Split split : {Split::train, Split::validation, Split::test})
    for (const auto& [document, summary] : articles(split)) {
      const std::size_t words = words_of(document).size(), short_words = words_of(summary).size();
      BOOST_TEST((words >= 35 && words <= 70), words << " words: " << document);
      BOOST_TEST((short_words >= 10 && short_words <= 18), short_words << " words: " << summary);
      const std::ptrdiff_t lines = std::ranges::count(document, '\n') + 1;
      BOOST_TEST((lines >= 3 && lines <= 5), lines << " lines: " << document);
      BOOST_TEST(std::ranges::count(document, '.') == lines, document);
      BOOST_TEST(std::ranges::count(summary, '.') == 1, summary);
      BOOST_TEST((document.ends_with('.') && summary.ends_with('.')), summary);
      BOOST_TEST(document.find(summary) == document.npos, summary);
    }
}

BOOST_AUTO_TEST_CASE(words_of_held_out_articles_are_known) {
  std::set<std::string> known;
  for (const auto& [document, summary] : articles(Split::train))
    for (const std::string& word : words_of(document + ' ' + summary)) known.insert(word);
  BOOST_TEST(known.size() < 700u);
  for (const Split split : {Split::validation, Split::test})
    for (const auto& [document, summary] : articles(split))
      BOOST_TEST(unknown_word(document + ' ' + summary, known) == "");
}

// A model must have read the whole document, and chosen.
BOOST_AUTO_TEST_CASE(the_first_sentence_and_a_constant_are_poor_summaries) {
  const std::vector<TextPair> train = articles(Split::train), held_out = articles(Split::test);
  const double lead = score(1, held_out, [](const TextPair& pair) { return first_line(pair.source); });
  BOOST_TEST(lead > 3);
  BOOST_TEST(lead < 15);
  for (std::size_t i = 0; i < 40; ++i)
    BOOST_TEST(score(0, held_out, [&](const auto&) { return train[i].target; }) < 25, train[i].target);
}

BOOST_AUTO_TEST_SUITE_END()
