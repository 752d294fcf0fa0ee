#include "memsizer/decode/constraints.hpp"

#include <set>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"

#include "decode/exhaustive.hpp"
#include "decode/history_stepper.hpp"

BOOST_AUTO_TEST_SUITE(constraints)

using decode::Constraints;
using decode::Prompt;
namespace data = boost::unit_test::data;

namespace {

/// The likeliest token is always 1, then 2, then 0. Token 1 stops.
HistoryStepper eager_to_stop() {
  return HistoryStepper(3, [](const auto&) { return std::vector<double>{0, 2, 1}; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(tokens_that_would_repeat_an_ngram) {
  const auto repeating = [](std::vector<Id> tokens, Index n) { return decode::repeating_tokens(tokens, n); };
  BOOST_TEST(repeating({5, 6, 7, 5, 6}, 3) == (std::vector<Id>{7}), boost::test_tools::per_element());
  BOOST_TEST(repeating({5, 6, 5, 7, 5}, 2) == (std::vector<Id>{6, 7}), boost::test_tools::per_element());
  BOOST_TEST(repeating({5, 5}, 2) == (std::vector<Id>{5}), boost::test_tools::per_element());
  BOOST_TEST(repeating({5, 6}, 1) == (std::vector<Id>{5, 6}), boost::test_tools::per_element());
  for (const Index n : {0, 3, 4, 100}) BOOST_TEST(repeating({5, 6, 7}, n).empty());
  BOOST_TEST(repeating({}, 1).empty());
}

BOOST_AUTO_TEST_CASE(the_stop_token_waits_for_min_tokens) {
  HistoryStepper stepper = eager_to_stop();
  for (const Index least : {0, 1, 3, 4}) {
    const Constraints constraints{.min_tokens = least};
    const auto greedy =
        decode::generate<double>(stepper, {{{0}, 4}}, {.stop_token = 1, .constraints = constraints})[0];
    BOOST_TEST(static_cast<Index>(greedy.tokens.size()) == least);
    BOOST_TEST(greedy.stopped == (least < 4));
    const auto found = decode::beam_search<double>(
        stepper, {{{0}, 4}}, {.beam = 3, .stop_token = 1, .constraints = constraints})[0];
    for (const decode::Hypothesis& hypothesis : found)
      BOOST_TEST(static_cast<Index>(hypothesis.tokens.size()) >= least);
    BOOST_TEST((found[0].tokens == greedy.tokens));
  }
}

BOOST_AUTO_TEST_CASE(no_ngram_occurs_twice) {
  for (const Index n : {1, 2, 3})
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      HistoryStepper stepper = HistoryStepper::random(3, seed);
      std::vector<std::vector<Id>> texts;
      const Constraints constraints{.no_repeat_ngram = n};
      texts.push_back(decode::generate<double>(stepper, {{{1}, 40}}, {.constraints = constraints})[0].tokens);
      const auto found =
          decode::beam_search<double>(stepper, {{{1}, 40}}, {.beam = 3, .constraints = constraints})[0];
      for (const decode::Hypothesis& hypothesis : found) texts.push_back(hypothesis.tokens);
      for (const std::vector<Id>& text : texts) {
        // There are 3^n n-grams, so a text cannot be longer than this: it ended because it must.
        BOOST_TEST(text.size() <= std::pow(3, n) + static_cast<double>(n) - 1);
        BOOST_TEST(static_cast<Index>(text.size()) >= n);
        std::set<std::vector<Id>> seen;
        for (std::size_t i = 0; i + static_cast<std::size_t>(n) <= text.size(); ++i)
          BOOST_TEST(seen.insert({text.begin() + static_cast<std::ptrdiff_t>(i),
                                  text.begin() + static_cast<std::ptrdiff_t>(i) + n})
                         .second);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_text_that_may_not_go_on_ends_as_it_is) {
  HistoryStepper stepper = HistoryStepper::random(3, 1);
  const Constraints constraints{.no_repeat_ngram = 1};
  const auto greedy = decode::generate<double>(stepper, {{{1}, 9}}, {.constraints = constraints})[0];
  BOOST_TEST(greedy.tokens.size() == 3u);
  BOOST_TEST(!greedy.stopped);
  const auto found =
      decode::beam_search<double>(stepper, {{{1}, 9}}, {.beam = 2, .constraints = constraints})[0];
  BOOST_TEST(found.size() == 2u);
  for (const decode::Hypothesis& hypothesis : found) {
    BOOST_TEST(hypothesis.tokens.size() == 3u);
    BOOST_TEST(!hypothesis.stopped);
    BOOST_TEST(std::isfinite(hypothesis.score));
  }
  // Nothing is left for the first token already.
  const decode::BeamOptions options{
      .beam = 2, .stop_token = 1, .forbidden = {0, 2}, .constraints = {.min_tokens = 1}};
  const auto none = decode::beam_search<double>(stepper, {{{1}, 9}}, options)[0];
  BOOST_TEST_REQUIRE(none.size() == 1u);
  BOOST_TEST(none[0].tokens.empty());
  BOOST_TEST(none[0].score == 0);
}

BOOST_DATA_TEST_CASE(a_wide_beam_finds_what_exhaustive_search_finds,
                     data::make({0, 1, 3}) * data::make({0, 1, 2, 3}) * data::make({-1, 2}), least, n, stop) {
  if (least == 3 && n == 1 && stop == 2) return;  // no text of three tokens is left that could stop
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    HistoryStepper stepper = HistoryStepper::random(3, seed);
    const decode::BeamOptions options{.beam = 400,
                                      .length_penalty = 0.6,
                                      .stop_token = stop,
                                      .constraints = {.min_tokens = least, .no_repeat_ngram = n}};
    // There are three tokens, so no text of different tokens is longer than 3.
    const Prompt prompt{{1, 0}, n == 1 ? 3 : 5};
    const auto found = decode::beam_search<double>(stepper, {prompt}, options)[0];
    const auto expected = test::exhaustive(stepper, prompt, options);
    BOOST_TEST_REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) test::check_equal(found[i], expected[i]);
  }
}

BOOST_AUTO_TEST_CASE(sampling_shares_out_what_is_forbidden) {
  HistoryStepper stepper = eager_to_stop();
  int twos = 0;
  for (std::uint64_t stream = 0; stream < 4000; ++stream) {
    const auto drawn = decode::generate<double>(
        stepper, {{{0}, 1, stream}},
        {.sampling = {.temperature = 1}, .stop_token = 1, .constraints = {.min_tokens = 1}})[0];
    BOOST_TEST_REQUIRE(drawn.tokens.size() == 1u);
    twos += drawn.tokens[0] == 2;
  }
  // e / (1 + e) = 0.731, with five standard deviations of 0.007.
  BOOST_TEST(std::abs(twos / 4000.0 - 0.731) < 0.035);
}

BOOST_AUTO_TEST_CASE(rules_out_of_range_are_refused) {
  HistoryStepper stepper = eager_to_stop();
  for (const Constraints& constraints :
       {Constraints{.min_tokens = -1}, Constraints{.min_tokens = 6}, Constraints{.no_repeat_ngram = -1}}) {
    BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{1}, 5}}, {.constraints = constraints}),
                      InputError);
    BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {{{1}, 5}}, {.constraints = constraints}),
                      InputError);
  }
}

BOOST_AUTO_TEST_SUITE_END()
