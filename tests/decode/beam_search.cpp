#include "memsizer/decode/beam_search.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"

#include "decode/exhaustive.hpp"
#include "decode/history_stepper.hpp"
#include "decode/small_model.hpp"

BOOST_AUTO_TEST_SUITE(beam_search)

using decode::BeamOptions;
using decode::Hypothesis;
using decode::Prompt;
using test::check_equal;
using test::exhaustive;
using test::log_probabilities;

namespace {

/// A beam of one finds the text of greedy decoding, with the stop token after it.
void check_greedy(const Hypothesis& found, const decode::Generated& greedy) {
  BOOST_TEST(found.tokens == greedy.tokens, boost::test_tools::per_element());
  BOOST_TEST(found.stopped);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_wide_beam_finds_what_exhaustive_search_finds) {
  for (const double penalty : {0.0, 0.6, 1.0, 2.0})
    for (const Id stop : {-1, 2}) {
      HistoryStepper stepper = HistoryStepper::random(3, 4);
      const BeamOptions options{.beam = 300, .length_penalty = penalty, .stop_token = stop};
      const Prompt prompt{{1, 0}, 5};
      const auto found = decode::beam_search<double>(stepper, {prompt}, options)[0];
      const auto expected = exhaustive(stepper, prompt, options);
      BOOST_TEST_REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) check_equal(found[i], expected[i]);
    }
}

BOOST_AUTO_TEST_CASE(a_wide_beam_finds_the_best_texts_of_a_model) {
  for (const std::string& attention : test::attention_kind_names()) {
    const SmallModel model(attention, 4);
    auto stepper = model.stepper();
    const BeamOptions options{.beam = 300, .length_penalty = 0.6, .stop_token = 3};
    const std::vector<Prompt> prompts = {{{1, 2, 0}, 4}, {{0}, 3}};
    const auto found = decode::beam_search<double>(stepper, prompts, options);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const auto expected = exhaustive(model, prompts[i], options);
      BOOST_TEST_REQUIRE(found[i].size() == expected.size());
      for (std::size_t j = 0; j < 5; ++j) check_equal(found[i][j], expected[j]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_beam_of_one_is_greedy) {
  for (const std::string& attention : test::attention_kind_names()) {
    const SmallModel model(attention);
    auto stepper = model.stepper();
    const std::vector<Prompt> prompts = {{{1, 2, 3}, 20}, {{4}, 25}, {{5, 6}, 5}};
    const auto greedy = decode::generate<double>(stepper, prompts, {.stop_token = 0});
    const auto beam = decode::beam_search<double>(stepper, prompts, {.beam = 1, .stop_token = 0});
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      BOOST_TEST_REQUIRE(beam[i].size() == 1u);
      check_greedy(beam[i][0], greedy[i]);
    }
  }
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    HistoryStepper stepper = HistoryStepper::random(4, seed);
    const auto greedy = decode::generate<double>(stepper, {{{1}, 10}}, {.stop_token = 2});
    const auto beam = decode::beam_search<double>(stepper, {{{1}, 10}}, {.beam = 1, .stop_token = 2});
    check_greedy(beam[0][0], greedy[0]);
  }
}

BOOST_AUTO_TEST_CASE(every_text_stops_at_the_longest_length) {
  // Token 1 stops. It is unlikely, and even less likely after a longer text.
  HistoryStepper stepper(3, [](const std::vector<Id>& history) {
    const double stop = 0.1 / static_cast<double>(history.size());
    return std::vector<double>{std::log(0.6 - stop), std::log(stop), std::log(0.4)};
  });
  for (const Index max_tokens : {1, 2, 5})
    for (const Index beam : {1, 2, 4}) {
      const BeamOptions options{.beam = beam, .length_penalty = 1, .stop_token = 1};
      const auto found = decode::beam_search<double>(stepper, {{{0}, max_tokens}}, options)[0];
      BOOST_TEST(!found.empty());
      for (const Hypothesis& hypothesis : found) {
        BOOST_TEST(hypothesis.stopped);
        BOOST_TEST(hypothesis.forced == (static_cast<Index>(hypothesis.tokens.size()) == max_tokens));
        const auto length = static_cast<double>(hypothesis.tokens.size() + 1);
        BOOST_TEST(length <= static_cast<double>(max_tokens) + 1);
        double log_probability = std::log(0.1 / length);
        for (std::size_t i = 0; i < hypothesis.tokens.size(); ++i)
          log_probability +=
              hypothesis.tokens[i] == 2 ? std::log(0.4) : std::log(0.6 - 0.1 / static_cast<double>(i + 1));
        BOOST_TEST(hypothesis.log_probability == log_probability, boost::test_tools::tolerance(1e-12));
        BOOST_TEST(hypothesis.score == log_probability / length, boost::test_tools::tolerance(1e-12));
      }
    }
  // If the stop token is forbidden or impossible, the search does not force it.
  HistoryStepper endless(3, [](const std::vector<Id>&) {
    return std::vector<double>{std::log(0.6), -std::numeric_limits<double>::infinity(), std::log(0.4)};
  });
  const BeamOptions options{.beam = 2, .stop_token = 1};
  BeamOptions forbidden = options;
  forbidden.forbidden = {1};
  for (const auto& found : {decode::beam_search<double>(stepper, {{{0}, 3}}, forbidden)[0],
                            decode::beam_search<double>(endless, {{{0}, 3}}, options)[0]}) {
    BOOST_TEST(found.size() == 2u);
    for (const Hypothesis& hypothesis : found) {
      BOOST_TEST(!hypothesis.stopped);
      BOOST_TEST(!hypothesis.forced);
      BOOST_TEST(hypothesis.tokens.size() == 3u);
      BOOST_TEST(std::isfinite(hypothesis.score));
    }
  }
}

// The last of max_tokens tokens has no position here, so nobody knows how likely the stop token is after it.
BOOST_AUTO_TEST_CASE(a_search_reads_no_token_beyond_the_positions) {
  const Prompt prompt{{1, 0}, 4};
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Index beam : {1, 3, 300}) {
      const BeamOptions options{.beam = beam, .stop_token = 2};
      HistoryStepper stepper = HistoryStepper::random(3, seed);
      const auto endless = decode::beam_search<double>(stepper, {prompt}, options)[0];
      stepper.limit = 6;
      const auto whole = decode::beam_search<double>(stepper, {prompt}, options)[0];
      BOOST_TEST_REQUIRE(whole.size() == endless.size());
      for (std::size_t i = 0; i < whole.size(); ++i) check_equal(whole[i], endless[i]);
      stepper.limit = 5;
      const auto found = decode::beam_search<double>(stepper, {prompt}, options)[0];
      for (const Hypothesis& hypothesis : found) {
        BOOST_TEST(hypothesis.stopped == (hypothesis.tokens.size() < 4u));
        BOOST_TEST(!hypothesis.forced);
        const double length = static_cast<double>(hypothesis.tokens.size()) + (hypothesis.stopped ? 1 : 0);
        BOOST_TEST(hypothesis.score == hypothesis.log_probability / length);
      }
      if (beam > 1) continue;
      const auto greedy = decode::generate<double>(stepper, {prompt}, {.stop_token = 2});
      BOOST_TEST(found[0].tokens == greedy[0].tokens, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(wider_beams_find_likelier_texts) {
  double greedy = 0, narrow = 0, wide = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    HistoryStepper stepper = HistoryStepper::random(5, seed);
    const auto score = [&](Index beam) {
      return decode::beam_search<double>(stepper, {{{1}, 6}}, {.beam = beam, .length_penalty = 0})[0][0]
          .score;
    };
    greedy += score(1);
    narrow += score(4);
    wide += score(64);
  }
  BOOST_TEST(greedy < narrow);
  BOOST_TEST(narrow < wide);
}

BOOST_AUTO_TEST_CASE(prompts_together_are_as_prompts_alone) {
  const BeamOptions options{.beam = 3, .length_penalty = 0.6, .stop_token = 0};
  for (const std::string& attention : test::attention_kind_names()) {
    const SmallModel model(attention);
    auto stepper = model.stepper();
    const std::vector<Prompt> prompts = {{{1, 2, 3}, 12}, {{4}, 20}, {{5, 6, 5, 6}, 7}};
    const auto together = decode::beam_search<double>(stepper, prompts, options);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const auto alone = decode::beam_search<double>(stepper, {prompts[i]}, options)[0];
      BOOST_TEST_REQUIRE(alone.size() == together[i].size());
      for (std::size_t j = 0; j < alone.size(); ++j) check_equal(together[i][j], alone[j]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_search_that_shall_not_go_on_gives_what_lives) {
  const SmallModel model("transformer");
  auto stepper = model.stepper();
  int steps = 0;
  const auto cut = decode::beam_search<double>(stepper, {{{1, 2}, 10}, {{4}, 10}},
                                               {.beam = 3, .go_on = [&] { return ++steps < 3; }});
  const auto short_ones = decode::beam_search<double>(stepper, {{{1, 2}, 3}, {{4}, 3}}, {.beam = 3});
  for (std::size_t i = 0; i < cut.size(); ++i) {
    BOOST_TEST_REQUIRE(cut[i].size() == short_ones[i].size());
    for (std::size_t j = 0; j < cut[i].size(); ++j) check_equal(cut[i][j], short_ones[i][j]);
  }
}

BOOST_AUTO_TEST_CASE(hypotheses_carry_their_own_probabilities) {
  for (const std::string& attention : test::attention_kind_names()) {
    const SmallModel model(attention);
    auto stepper = model.stepper();
    const auto found = decode::beam_search<double>(stepper, {{{1, 2}, 10}},
                                                   {.beam = 4, .length_penalty = 1, .stop_token = 0})[0];
    for (const Hypothesis& hypothesis : found) {
      std::vector<Id> text = {1, 2}, next = hypothesis.tokens;
      if (hypothesis.stopped) next.push_back(0);
      double sum = 0;
      for (const Id token : next) {
        sum += log_probabilities(model.logits_after(text))[static_cast<std::size_t>(token)];
        text.push_back(token);
      }
      BOOST_TEST(hypothesis.log_probability == sum, boost::test_tools::tolerance(1e-9));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_length_penalty_prefers_longer_texts) {
  // Token 1 stops. The probability of stopping at once is 0.4, that of "0 0 0 stop" is 0.6 * 0.7 * 0.7 * 0.7.
  HistoryStepper stepper(2, [](const std::vector<Id>& history) {
    const bool last = history.size() == 4;
    const double stop = history.size() == 1 ? 0.4 : last ? 0.7 : 0.3;
    return std::vector<double>{std::log(1 - stop), std::log(stop)};
  });
  const auto best_length = [&](double penalty) {
    return decode::beam_search<double>(stepper, {{{0}, 4}},
                                       {.beam = 4, .length_penalty = penalty, .stop_token = 1})[0][0]
        .tokens.size();
  };
  BOOST_TEST(best_length(0) == 0u);
  BOOST_TEST(best_length(1) == 3u);
}

BOOST_AUTO_TEST_CASE(a_search_ends_with_the_beam_full_of_stopped_texts) {
  HistoryStepper stepper(3, [](const auto&) { return std::vector<double>{0, 3, 2}; });  // token 1 stops
  const auto found = decode::beam_search<double>(stepper, {{{0}, 100}}, {.beam = 2, .stop_token = 1})[0];
  BOOST_TEST(found.size() == 2u);
  BOOST_TEST(found[0].stopped);
  BOOST_TEST(stepper.segments.size() == 2u);
}

BOOST_AUTO_TEST_CASE(there_are_as_many_results_as_the_beam_where_there_are_so_many_texts) {
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const Index beam : {1, 2, 5, 15, 40}) {
      HistoryStepper stepper = HistoryStepper::random(3, seed);
      const auto found = decode::beam_search<double>(stepper, {{{0}, 4}}, {.beam = beam, .stop_token = 1})[0];
      // There are 1 + 2 + 4 + 8 + 16 texts of at most four tokens.
      BOOST_TEST(static_cast<Index>(found.size()) == std::min<Index>(beam, 31));
      std::set<std::vector<Id>> different;
      for (const Hypothesis& hypothesis : found) different.insert(hypothesis.tokens);
      BOOST_TEST(different.size() == found.size());
      BOOST_TEST(std::ranges::is_sorted(found, std::greater<>(), &Hypothesis::score));
    }
}

BOOST_AUTO_TEST_CASE(forbidden_tokens_take_no_part) {
  HistoryStepper stepper(3, [](const auto&) {
    return std::vector<double>{std::log(0.5), std::log(0.3), std::log(0.2)};
  });
  const auto found = decode::beam_search<double>(stepper, {{{0}, 1}}, {.beam = 3, .forbidden = {0}})[0];
  BOOST_TEST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].tokens[0] == 1);
  BOOST_TEST(found[0].log_probability == std::log(0.3), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused) {
  HistoryStepper stepper = HistoryStepper::random(3, 1);
  BOOST_TEST(decode::beam_search<double>(stepper, {}, {}).empty());
  for (const Index beam : {Index{0}, Index{-1}, decode::largest_beam + 1, std::numeric_limits<Index>::max()})
    BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {{{1}, 5}}, {.beam = beam}), InputError);
  BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {{{1}, 0}}, {}), InputError);
  for (const double penalty : {std::nan(""), -300.0, 10.5, 1e308, -1e308, HUGE_VAL})
    BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {{{1}, 5}}, {.length_penalty = penalty}),
                      InputError);
  for (const double penalty : {-10.0, 10.0}) {
    const auto found =
        decode::beam_search<double>(stepper, {{{1}, 5}}, {.beam = 2, .length_penalty = penalty});
    for (const decode::Hypothesis& hypothesis : found[0])
      BOOST_TEST(std::isfinite(hypothesis.score), penalty);
  }
  BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {{{1}, 5}}, {.forbidden = {3}}), InputError);
  BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {{{1}, 5}}, {.forbidden = {0, 1, 2}}), InputError);
}

BOOST_AUTO_TEST_CASE(each_search_is_told_when_it_ends) {
  HistoryStepper stepper = HistoryStepper::random(6, 4);
  const std::vector<decode::Prompt> prompts = {{{1, 2}, 9}, {{3}, 2}, {{4, 4}, 5}};
  std::vector<Index> order;
  std::vector<std::vector<decode::Hypothesis>> told(prompts.size());
  decode::BeamOptions options{.beam = 2};
  options.ended = [&](Index prompt, const std::vector<decode::Hypothesis>& found) {
    order.push_back(prompt);
    told[static_cast<std::size_t>(prompt)] = found;
  };
  const auto results = decode::beam_search<double>(stepper, prompts, options);
  BOOST_TEST(order == (std::vector<Index>{1, 2, 0}), boost::test_tools::per_element());
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    BOOST_TEST_REQUIRE(told[i].size() == results[i].size());
    for (std::size_t rank = 0; rank < results[i].size(); ++rank)
      BOOST_TEST((told[i][rank].tokens == results[i][rank].tokens));
  }
}

BOOST_AUTO_TEST_CASE(a_stop_token_outside_the_vocabulary_is_refused) {
  for (const Id stop : {3, 1000, -2}) {
    HistoryStepper stepper = HistoryStepper::random(3, 7);
    BOOST_CHECK_THROW(decode::beam_search<double>(stepper, {Prompt{{1}, 4}}, {.beam = 2, .stop_token = stop}),
                      InputError);
    BOOST_CHECK_THROW(decode::generate<double>(stepper, {Prompt{{1}, 4}}, {.stop_token = stop}), InputError);
  }
}

BOOST_AUTO_TEST_CASE(a_hypothesis_without_an_allowed_token_ends_as_it_is) {
  // 0 0 1 0 is by far the likeliest text; with each pair allowed once, only its stop could follow, which
  // comes too early.
  HistoryStepper stepper(3, [](const std::vector<Id>& history) {
    static const std::vector<std::size_t> best = {0, 0, 1, 0};
    std::vector<double> logits = {0, 0, -50};
    const std::size_t done = history.size() - 1;
    if (done < best.size()) logits[best[done]] = 6;
    return logits;
  });
  const decode::Constraints constraints{.min_tokens = 25, .no_repeat_ngram = 2};
  const std::vector<Id> expected =
      decode::generate<double>(stepper, {Prompt{{1}, 30}}, {.stop_token = 2, .constraints = constraints})[0]
          .tokens;
  for (const Index beam : {1, 2, 3, 8}) {
    const auto found = decode::beam_search<double>(
        stepper, {Prompt{{1}, 30}},
        {.beam = beam, .length_penalty = 0, .stop_token = 2, .constraints = constraints})[0];
    BOOST_TEST(found[0].tokens == expected, boost::test_tools::per_element());
    BOOST_TEST(!found[0].stopped);
  }
}

BOOST_AUTO_TEST_SUITE_END()
