// Our scores compared with those of sacreBLEU that oracle/record_*.py recorded.
#include <boost/test/unit_test.hpp>

#include "memsizer/metrics.hpp"

#include "metrics/recorded.hpp"
#include "metrics/text_hash.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(sacrebleu)

using namespace memsizer;
using namespace memsizer::metrics;
using files::Json;
using test::recorded;

namespace {

using Lines = std::vector<std::string>;

/// A figure of theirs, which ours equals to every digit that is printed.
void check_equal(double ours, const Json& theirs, const std::string& where) {
  BOOST_TEST(std::abs(ours - theirs.get<double>()) <= 1e-9, where << ": " << ours << " for " << theirs);
}

void check_scores(const Json& figures, const Lines& hypotheses, const std::vector<Lines>& references,
                  const std::string& name) {
  for (const Json& row : figures["bleu"]) {
    const CorpusMetric metric = bleu_metric(
        {.tokenize = row["tokenize"].get<std::string>(), .lowercase = row["lowercase"].get<bool>()});
    const std::string where = name + ' ' + row["signature"].get<std::string>();
    const std::vector<double> sums = SegmentCounts(metric, hypotheses, references).sums();
    check_equal(metric.scores(sums)[0], row["bleu"], where);
    const auto details = metric.details(sums);
    for (std::size_t n = 0; n < bleu_orders; ++n)
      check_equal(details[n].second, row["precisions"][n], where + " precision");
    check_equal(details[bleu_orders].second, row["brevity_penalty"], where + " brevity penalty");
    BOOST_TEST(sums[0] == row["words"][0].get<double>(), where);
    BOOST_TEST(sums[1] == row["words"][1].get<double>(), where);
    BOOST_TEST(signature(metric, references.size()) == row["signature"].get<std::string>());
  }
  for (const Json& row : figures["chrf"]) {
    const CorpusMetric metric = chrf_metric({.lowercase = row["lowercase"].get<bool>()});
    const std::vector<double> sums = SegmentCounts(metric, hypotheses, references).sums();
    check_equal(metric.scores(sums)[0], row["chrf"], name + " chrF");
    BOOST_TEST(signature(metric, references.size()) == row["signature"].get<std::string>());
  }
}

/// sacreBLEU computes the scores of samples with 24 bits of precision, so means agree to fewer digits.
void check_bootstrap(const Json& figures, const CorpusMetric& metric, const std::vector<Lines>& systems,
                     const std::vector<Lines>& references) {
  std::vector<SegmentCounts> counts;
  for (const Lines& hypotheses : systems) counts.emplace_back(metric, hypotheses, references);
  const auto results = paired_bootstrap(metric, counts);
  BOOST_TEST(signature(metric, references.size(), resampling_text({})) ==
             figures["signature"].get<std::string>());
  for (std::size_t s = 0; s < systems.size(); ++s) {
    const Json& row = figures["systems"][s];
    const BootstrapScore& ours = results[s][0];
    BOOST_TEST(std::abs(ours.mean - row["mean"].get<double>()) < 1e-4);
    BOOST_TEST(std::abs(ours.half_width() - row["half_width"].get<double>()) < 1e-4);
    BOOST_TEST(ours.p_value.has_value() == !row["p_value"].is_null());
    if (ours.p_value) BOOST_TEST(std::abs(*ours.p_value - row["p_value"].get<double>()) < 0.0011);
  }
}

void check_bootstraps(const Json& figures, const std::vector<Lines>& systems,
                      const std::vector<Lines>& references) {
  check_bootstrap(figures["bleu"], bleu_metric(), systems, references);
  check_bootstrap(figures["chrf"], chrf_metric(), systems, references);
}

/// oracle/record_data.py has the same functions.
std::string without_every_fifth(const Lines& words) {
  Lines kept;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (i % 5 != 4) kept.push_back(words[i]);
  return join(kept, " ");
}
std::string with_neighbours_exchanged(Lines words) {
  for (std::size_t i = 2; i + 1 < words.size(); i += 6) std::swap(words[i], words[i + 1]);
  return join(words, " ");
}

Lines split_at_spaces(std::string_view line) {
  Lines words;
  for (std::size_t at = 0; at != line.npos;) {
    const std::size_t end = line.find(' ', at);
    words.emplace_back(line.substr(at, end - at));
    at = end == line.npos ? end : end + 1;
  }
  return words;
}

/// Two systems: their recorded translations, or two ways to spoil the references.
std::vector<Lines> systems_of(const Json& corpus, const Lines& references) {
  std::vector<Lines> systems;
  const auto folder = test::source_folder() / "tests/metrics/oracle/systems";
  for (const Json& file : corpus["systems"])
    systems.push_back(read_scored_lines(folder / file.get<std::string>()));
  if (!systems.empty()) return systems;
  systems.resize(2);
  for (const std::string& line : references) {
    systems[0].push_back(without_every_fifth(split_at_spaces(line)));
    systems[1].push_back(with_neighbours_exchanged(split_at_spaces(line)));
  }
  return systems;
}

}  // namespace

BOOST_AUTO_TEST_CASE(scores_of_our_texts_are_equal) {
  const Json document = recorded("scores.json");
  BOOST_TEST_REQUIRE(document["corpora"].size() > 30u);
  for (const Json& corpus : document["corpora"]) {
    const auto systems = corpus["systems"].get<std::vector<Lines>>();
    const auto references = corpus["references"].get<std::vector<Lines>>();
    for (std::size_t s = 0; s < systems.size(); ++s)
      check_scores(corpus["figures"][s], systems[s], references, corpus["name"].get<std::string>());
    if (corpus.contains("paired_bs")) check_bootstraps(corpus["paired_bs"], systems, references);
  }
}

BOOST_AUTO_TEST_CASE(every_character_is_tokenized_alike) {
  const Json hashes = recorded("scores.json")["tokens of every character"];
  for (const char* name : {"13a", "intl"}) {
    const BleuTokenizer& tokenizer = bleu_tokenizer(name);
    TextHash hash;
    for (char32_t c = 0; c < 0x20000; ++c) {
      if ((c >= 0xD800 && c < 0xE000) || c == U'\n') continue;
      const std::u32string line{U'a', c, U'1', c, U'b', U' ', c, U'.'};
      const std::u32string tokens = tokenizer.tokenize(line);
      std::u32string joined;
      for (const std::u32string_view word : split_words(tokens)) {
        if (!joined.empty()) joined += U' ';
        joined += word;
      }
      hash.add(joined);
    }
    BOOST_TEST(hash.text() == hashes[name].get<std::string>(), name);
  }
}

BOOST_AUTO_TEST_CASE(lower_case_is_that_of_python) {
  TextHash hash;
  const std::pair<char32_t, char32_t> ranges[] = {{0, 0x590},        {0x10A0, 0x1100}, {0x1E00, 0x2190},
                                                  {0x2460, 0x2500},  {0xFF00, 0xFFF0}, {0x10400, 0x10450},
                                                  {0x1D400, 0x1D800}};
  constexpr char32_t sigma = U'\u03A3';
  for (const auto& [first, end] : ranges)
    for (char32_t c = first; c < end; ++c)
      for (const std::u32string& text :
           {std::u32string{c}, std::u32string{U'A', sigma, c}, std::u32string{c, sigma},
            std::u32string{U'A', c, sigma}, std::u32string{U'A', sigma, c, U'B'}})
        hash.add(lower_case(text));
  BOOST_TEST(hash.text() == recorded("scores.json")["lower case"].get<std::string>());
}

BOOST_AUTO_TEST_CASE(scores_of_real_data_are_equal,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  for (const Json& corpus : recorded("data.json")) {
    const std::string name = corpus["file"].get<std::string>();
    std::vector<Lines> references = {read_scored_lines(real_data::folder() / name)};
    references[0].resize(300);
    const std::vector<Lines> systems = systems_of(corpus, references[0]);
    for (std::size_t s = 0; s < systems.size(); ++s)
      check_scores(corpus["figures"][s], systems[s], references, name);
    check_bootstraps(corpus["paired_bs"], systems, references);
  }
}

BOOST_AUTO_TEST_SUITE_END()
