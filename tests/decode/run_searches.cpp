#include "memsizer/decode/run_searches.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"

#include "decode/history_stepper.hpp"
#include "decode/small_model.hpp"
#include "decode/translator.hpp"

BOOST_AUTO_TEST_SUITE(run_searches)

using decode::Generated;
using decode::Hypothesis;
using decode::Prompt;
using decode::Supply;
namespace data = boost::unit_test::data;

namespace {

/// Prompts of 1 to 6 tokens, and sources of 1 to 9 if they are asked for, which end at different times.
std::vector<Prompt> many_prompts(bool with_sources) {
  std::vector<Prompt> prompts;
  RandomStream random(4);
  const auto tokens = [&](std::uint64_t most) {
    std::vector<Id> made(1 + random.below(most));
    for (Id& id : made) id = static_cast<Id>(random.below(7));
    return made;
  };
  for (std::uint64_t i = 0; i < 11; ++i)
    prompts.push_back({.tokens = tokens(6),
                       .max_tokens = 1 + static_cast<Index>(random.below(20)),
                       .stream = i,
                       .source = with_sources ? tokens(9) : std::vector<Id>()});
  return prompts;
}

/// The results of all prompts with batches of 1, of 3, of 4 and of all are equal to those of each prompt
/// alone.
void check_any_batch(decode::Stepper<double>& stepper, const std::vector<Prompt>& prompts) {
  const decode::GenerateOptions drawing{.sampling = {.temperature = 1.3, .seed = 3}, .stop_token = 0};
  const decode::BeamOptions searching{.beam = 3, .length_penalty = 0.6, .stop_token = 0};
  for (const Index batch : {1, 3, 4, 100}) {
    decode::GenerateOptions draw = drawing;
    decode::BeamOptions search = searching;
    draw.batch = search.batch = batch;
    const auto drawn = decode::generate<double>(stepper, prompts, draw);
    const auto found = decode::beam_search<double>(stepper, prompts, search);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const auto drawn_alone = decode::generate<double>(stepper, {prompts[i]}, drawing)[0];
      BOOST_TEST(drawn[i].tokens == drawn_alone.tokens, boost::test_tools::per_element());
      BOOST_TEST(drawn[i].stopped == drawn_alone.stopped);
      const auto alone = decode::beam_search<double>(stepper, {prompts[i]}, searching)[0];
      BOOST_TEST_REQUIRE(found[i].size() == alone.size());
      for (std::size_t j = 0; j < alone.size(); ++j) {
        BOOST_TEST((found[i][j].tokens == alone[j].tokens));
        BOOST_TEST(std::abs(found[i][j].score - alone[j].score) <= 1e-12);
      }
    }
  }
}

/// A source of prompts that answers as its list says: a prompt, or `later`, and then the end.
class Answers {
 public:
  explicit Answers(std::vector<Supply> answers) : answers_(std::move(answers)) {}

  Supply operator()(bool may_wait, Prompt& prompt) {
    waits.push_back(may_wait);
    const Supply answer = waits.size() > answers_.size() ? Supply::end : answers_[waits.size() - 1];
    if (answer == Supply::prompt) prompt = {.tokens = {static_cast<Id>(waits.size())}, .max_tokens = 3};
    return answer;
  }

  std::vector<bool> waits;  // how it was called

 private:
  std::vector<Supply> answers_;
};

}  // namespace

BOOST_DATA_TEST_CASE(a_language_model_gives_the_same_in_any_batch,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::causal)), kind) {
  const SmallModel model(kind);
  auto stepper = model.stepper();
  check_any_batch(stepper, many_prompts(false));
}

BOOST_DATA_TEST_CASE(an_encoder_decoder_gives_the_same_in_any_batch, data::make(test::mixtures()), mixture) {
  const test::Translator translator(mixture);
  auto stepper = translator.stepper();
  check_any_batch(stepper, many_prompts(true));
}

BOOST_AUTO_TEST_CASE(rows_that_have_ended_are_replaced) {
  HistoryStepper stepper = HistoryStepper::random(5, 1);
  std::vector<Prompt> prompts(5, {.tokens = {1}, .max_tokens = 2});
  prompts[0].max_tokens = 4;
  decode::generate<double>(stepper, prompts, {.batch = 2});
  // The first prompt takes 4 rounds. Beside it are the second in two rounds, then the third in two.
  BOOST_TEST(stepper.segments == (std::vector<Index>{-2, 2, 1, -1, 2, -2, 2}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(prompts_are_added_when_a_quarter_of_the_batch_is_free) {
  HistoryStepper stepper = HistoryStepper::random(5, 1);
  std::vector<Prompt> prompts;
  for (Index i = 0; i < 12; ++i) prompts.push_back({.tokens = {1}, .max_tokens = i < 8 ? i + 1 : 1});
  decode::generate<double>(stepper, prompts, {.batch = 8});
  BOOST_TEST(stepper.segments == (std::vector<Index>{-8, 7, 6, -2, 5, -2, 4, 3, 2, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_source_waits_only_if_nothing_else_is_to_be_done) {
  using enum Supply;
  HistoryStepper stepper = HistoryStepper::random(50, 1);
  Answers source({later, prompt, later, prompt, later, later, later, later, prompt});
  std::vector<Index> ended;
  decode::generate_each<double>(stepper, [&](bool may_wait, Prompt& next) { return source(may_wait, next); },
                                {.batch = 4, .ended = [&](Index number, const Generated& result) {
                                   ended.push_back(number);
                                   BOOST_TEST(result.tokens.size() == 3u);
                                 }});
  BOOST_TEST(ended == (std::vector<Index>{0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(
      source.waits == (std::vector<bool>{true, true, false, false, false, false, false, true, true, false}),
      boost::test_tools::per_element());
  BOOST_TEST(stepper.segments == (std::vector<Index>{-1, 1, -1, 2, 1, -1, 1, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(all_end_as_they_are_where_it_shall_not_go_on) {
  HistoryStepper stepper = HistoryStepper::random(5, 1);
  const std::vector<Prompt> prompts(3, {.tokens = {1}, .max_tokens = 9});
  int steps = 0;
  std::vector<Index> told;
  const auto found =
      decode::beam_search<double>(stepper, prompts,
                                  {.beam = 2,
                                   .batch = 2,
                                   .go_on = [&] { return ++steps < 4; },
                                   .ended = [&](Index number, const auto&) { told.push_back(number); }});
  BOOST_TEST(told == (std::vector<Index>{0, 1}), boost::test_tools::per_element());
  for (const std::size_t i : {0u, 1u}) {
    BOOST_TEST_REQUIRE(found[i].size() == 2u);
    BOOST_TEST(found[i][0].tokens.size() == 4u);
    BOOST_TEST(!found[i][0].stopped);
  }
  BOOST_TEST_REQUIRE(found[2].size() == 1u);
  BOOST_TEST(found[2][0].tokens.empty());
}

BOOST_AUTO_TEST_CASE(a_reading_that_is_ended_ends_all_as_they_are) {
  const SmallModel model("memsizer");
  int readings = 0;
  auto stepper = model.stepper([&](Index, Index) {
    if (++readings == 2) throw decode::ReadingEnded();
  });
  const std::vector<Prompt> prompts = {{{1}, 9}, {{2}, 3}, {{3}, 9}, {{4}, 9}};
  std::vector<std::size_t> told;
  decode::generate<double>(stepper, prompts, {.batch = 2, .ended = [&](Index, const Generated& result) {
                                                told.push_back(result.tokens.size());
                                              }});
  // The second prompt ends, the first is cut, the third had begun to be read.
  BOOST_TEST(told == (std::vector<std::size_t>{3, 3, 0}), boost::test_tools::per_element());
  readings = 1;
  const auto found = decode::beam_search<double>(stepper, prompts, {.beam = 2});
  for (const std::vector<Hypothesis>& hypotheses : found) {
    BOOST_TEST_REQUIRE(hypotheses.size() == 1u);
    BOOST_TEST(hypotheses[0].tokens.empty());
    BOOST_TEST(hypotheses[0].score == 0);
  }
}

BOOST_AUTO_TEST_CASE(totals_are_the_logarithms_of_the_sums) {
  const std::vector<double> logits = {
      std::log(1.0), std::log(2.0), std::log(5.0), 1000, 1000, 999, -3, -2, -1};
  const std::vector<double> totals = decode::log_totals(Tensor<double>({3, 3}, logits));
  for (std::size_t row = 0; row < 3; ++row)
    BOOST_TEST(totals[row] == decode::log_sum_exp<double>(std::span(logits).subspan(3 * row, 3)),
               boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_run_is_refused) {
  HistoryStepper stepper = HistoryStepper::random(3, 1);
  const std::vector<Prompt> prompts = {{{1}, 5}, {{1}, 0}};
  BOOST_CHECK_THROW(decode::generate<double>(stepper, prompts, {}), InputError);
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {prompts[0]}, {.batch = 0}), InputError);
  BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {prompts[0]}, {.batch = -1}), InputError);
  HistoryStepper nothing(3, [](const auto&) { return std::vector<double>(3, -HUGE_VAL); });
  BOOST_CHECK_THROW(decode::beam_search<double>(nothing, {prompts[0]}, {}), InputError);
  HistoryStepper broken(3, [](const auto&) { return std::vector<double>{1, std::nan(""), 2}; });
  BOOST_CHECK_THROW(decode::beam_search<double>(broken, {prompts[0]}, {}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
