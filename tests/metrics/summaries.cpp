// ROUGE and SQuAD's figures compared with those that oracle/record_summaries.py recorded.
#include <boost/test/unit_test.hpp>

#include "memsizer/metrics.hpp"

#include "metrics/recorded.hpp"
#include "metrics/text_hash.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(summaries)

using namespace memsizer;
using namespace memsizer::metrics;
using files::Json;
using test::recorded;

namespace {

using Lines = std::vector<std::string>;

/// A figure of theirs, which ours equals to every digit that is printed.
void check_equal(double ours, const Json& theirs, const std::string& where) {
  BOOST_TEST(std::abs(ours - theirs.get<double>()) <= 1e-11, where << ": " << ours << " for " << theirs);
}

void check_metric(const CorpusMetric& metric, const Json& figures, const Lines& hypotheses,
                  const std::vector<Lines>& references, const std::string& name) {
  const auto scores = metric.scores(SegmentCounts(metric, hypotheses, references).sums());
  for (std::size_t i = 0; i < scores.size(); ++i)
    check_equal(scores[i], figures.at(metric.names[i]), name + ' ' + metric.names[i]);
}

void check_figures(const Json& figures, const Lines& hypotheses, const std::vector<Lines>& references,
                   const std::string& name) {
  check_metric(rouge_metric(), figures["rouge"], hypotheses, references, name);
  check_metric(rouge_metric({.stem = true}), figures["rouge_stem"], hypotheses, references, name + " stems");
  check_metric(squad_metric(), figures["squad"], hypotheses, references, name);
}

/// Precision, recall and F1 of one hypothesis with its first reference.
void check_segment(const Json& figures, const std::string& hypothesis, const std::string& reference) {
  for (const bool stem : {false, true}) {
    const RougeScores scores = rouge(hypothesis, reference, {.stem = stem});
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const Json& theirs = figures["rouge"][stem ? 1 : 0].at(std::string(rouge_names[i]));
      check_equal(scores[i].precision, theirs[0], hypothesis);
      check_equal(scores[i].recall, theirs[1], hypothesis);
      check_equal(scores[i].f1, theirs[2], hypothesis);
    }
  }
  const SquadScore score = squad(hypothesis, reference);
  check_equal(score.exact_match ? 1 : 0, figures["squad"][0], hypothesis);
  check_equal(score.f1, figures["squad"][1], hypothesis);
}

}  // namespace

BOOST_AUTO_TEST_CASE(figures_of_our_texts_are_equal) {
  const Json document = recorded("summaries.json");
  BOOST_TEST_REQUIRE(document["corpora"].size() == 8u);
  for (const Json& corpus : document["corpora"]) {
    const auto systems = corpus["systems"].get<std::vector<Lines>>();
    const auto references = corpus["references"].get<std::vector<Lines>>();
    for (std::size_t s = 0; s < systems.size(); ++s)
      check_figures(corpus["figures"][s], systems[s], references, corpus["name"].get<std::string>());
    if (!corpus.contains("segments")) continue;
    for (std::size_t i = 0; i < systems[0].size(); ++i)
      check_segment(corpus["segments"][i], systems[0][i], references[0][i]);
  }
}

BOOST_AUTO_TEST_CASE(stems_are_those_of_nltk) {
  const Json stems = recorded("summaries.json")["stems"];
  const auto endings = stems["endings"].get<Lines>();
  TextHash hash;
  std::size_t made = 0;
  const auto add = [&](const std::string& word) { hash.add(porter_stem(word)), ++made; };
  for (const std::string word : stems["words"])
    for (const std::string& ending : endings) add(word + ending);
  for (const std::string word : stems["beginnings"])
    for (const std::string& one : endings)
      for (const std::string& two : endings) add(word + one + two);
  for (const std::string word : stems["irregular"]) add(word);
  BOOST_TEST(made == stems["made"].get<std::size_t>());
  BOOST_TEST(hash.text() == stems["hash"].get<std::string>());
}

BOOST_AUTO_TEST_CASE(answers_have_the_same_normal_form_with_every_character) {
  const Json forms = recorded("summaries.json")["normal forms"];
  TextHash hash;
  for (const Json& run : forms["runs"])
    for (auto c = run[0].get<std::int32_t>(); c < run[1].get<std::int32_t>(); ++c) {
      std::string character;
      text::append_utf8(character, c);
      hash.add(normal_answer(
          concatenate('a', character, ' ', character, "the an", character, "b A", character, 'A')));
    }
  BOOST_TEST(hash.text() == forms["hash"].get<std::string>());
}

BOOST_AUTO_TEST_CASE(figures_of_real_summaries_are_equal,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  Lines hypotheses, references = read_scored_lines(real_data::folder() / "xsum/test.jsonl");
  references.resize(200);
  for (std::string& line : references) {
    const Json article = Json::parse(line);
    const auto document = article["document"].get<std::string>();
    std::size_t end = 0;  // of the first three sentences
    for (int sentence = 0; sentence < 3 && end != document.npos; ++sentence)
      end = document.find('\n', sentence == 0 ? 0 : end + 1);
    hypotheses.push_back(document.substr(0, end));
    line = article["summary"].get<std::string>();
  }
  check_figures(recorded("summaries_data.json"), hypotheses, {references}, "xsum");
}

BOOST_AUTO_TEST_SUITE_END()
