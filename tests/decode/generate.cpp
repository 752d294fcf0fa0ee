#include "memsizer/decode/generate.hpp"

#include <boost/test/unit_test.hpp>

#include "decode/history_stepper.hpp"
#include "decode/small_model.hpp"

BOOST_AUTO_TEST_SUITE(generate)

using decode::GenerateOptions;
using decode::Prompt;

namespace {

/// Prompts of different lengths. Each has its own stream of random numbers.
std::vector<Prompt> ragged_prompts(Index max_tokens) {
  return {{{1, 2, 3}, max_tokens, 0},
          {{4}, max_tokens, 1},
          {{5, 6, 5, 6, 5}, max_tokens - 5, 2},
          {{2, 2}, max_tokens, 3}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_prompt_is_one_segment_and_steps_follow) {
  HistoryStepper stepper = HistoryStepper::random(5, 1);
  decode::generate<double>(stepper, {{{1, 2, 3}, 4}, {{1}, 2}}, {});
  BOOST_TEST(stepper.segments == (std::vector<Index>{-2, 2, 1, 1}), boost::test_tools::per_element());
  BOOST_TEST(stepper.reorders == 1);
}

BOOST_AUTO_TEST_CASE(greedy_takes_the_most_likely_each_time) {
  HistoryStepper stepper = HistoryStepper::random(6, 2);
  const auto result = decode::generate<double>(stepper, {{{3}, 8}}, {});
  std::vector<Id> history = {3};
  for (const Id token : result[0].tokens) {
    BOOST_TEST(token == decode::most_likely<double>(stepper.logits_after(history)));
    history.push_back(token);
  }
  BOOST_TEST(result[0].tokens.size() == 8u);
  BOOST_TEST(!result[0].stopped);
}

BOOST_AUTO_TEST_CASE(states_give_what_reading_everything_again_gives) {
  for (const std::string& attention : test::attention_kind_names()) {
    const SmallModel model(attention);
    auto stepper = model.stepper();
    const std::vector<Prompt> prompts = ragged_prompts(40);
    const auto results = decode::generate<double>(stepper, prompts, {});
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      std::vector<Id> text = prompts[i].tokens;
      for (const Id token : results[i].tokens) {
        BOOST_TEST(token == decode::most_likely<double>(model.logits_after(text)),
                   attention << " prompt " << i);
        text.push_back(token);
      }
      BOOST_TEST(static_cast<Index>(results[i].tokens.size()) == prompts[i].max_tokens);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_prompt_does_not_see_its_neighbours) {
  const GenerateOptions options{.sampling = {.temperature = 1.3, .top_k = 5, .top_p = 0.95, .seed = 3},
                                .stop_token = 0};
  for (const std::string& attention : test::attention_kind_names()) {
    const SmallModel model(attention);
    auto stepper = model.stepper();
    const std::vector<Prompt> prompts = ragged_prompts(30);
    const auto together = decode::generate<double>(stepper, prompts, options);
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const auto alone = decode::generate<double>(stepper, {prompts[i]}, options);
      BOOST_TEST(alone[0].tokens == together[i].tokens, boost::test_tools::per_element());
      BOOST_TEST(alone[0].stopped == together[i].stopped);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_prompt_is_read_in_segments_and_told) {
  RandomStream random(3);
  const auto tokens = [&](Index count) {
    std::vector<Id> made;
    for (Index i = 0; i < count; ++i) made.push_back(static_cast<Id>(7 * random.uniform()));
    return made;
  };
  const std::vector<Prompt> prompts = {{tokens(2500), 1}, {tokens(2049), 1}};
  for (const std::string& attention : test::attention_kind_names(&nn::AttentionDescription::any_cut)) {
    const SmallModel model(attention);
    std::vector<Index> told;
    auto stepper = model.stepper([&](Index done, Index of) {
      BOOST_TEST(of == 2500);
      told.push_back(done);
    });
    const std::vector<double> logits = stepper.start(prompts).to_vector();
    BOOST_TEST(told == (std::vector<Index>{1024, 2048, 2500}), boost::test_tools::per_element());
    for (std::size_t row = 0; row < 2; ++row) {
      const std::vector<double> expected = model.logits_after(prompts[row].tokens);
      for (std::size_t i = 0; i < expected.size(); ++i)
        BOOST_TEST(logits[row * 7 + i] == expected[i], boost::test_tools::tolerance(1e-9));
    }
  }
}

/// Attention that promises nothing about cuts.
template <class T>
class Uncut : public nn::MemSizerAttention<T> {
 public:
  static constexpr nn::AttentionDescription description{.name = "uncut", .causal = true};
  using nn::MemSizerAttention<T>::MemSizerAttention;
};

BOOST_AUTO_TEST_CASE(a_kind_that_promises_nothing_of_cuts_reads_a_prompt_at_once) {
  nn::own_attention_kinds<double>().push_back(nn::attention_kind<double, Uncut>());
  const SmallModel model("uncut");
  std::vector<Index> told;
  auto stepper = model.stepper([&](Index done, Index) { told.push_back(done); });
  stepper.start({{std::vector<Id>(2500, 1), 1}});
  nn::own_attention_kinds<double>().clear();
  BOOST_TEST(told == std::vector<Index>{2500}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_thrown_while_a_prompt_is_read_ends_the_reading) {
  const SmallModel model("memsizer");
  auto stepper = model.stepper([](Index done, Index) { require(done < 2000, "enough"); });
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{std::vector<Id>(5000, 1), 1}}, {}), InputError);
}

BOOST_AUTO_TEST_CASE(each_continuation_is_told_when_it_ends) {
  HistoryStepper stepper = HistoryStepper::random(6, 2);
  const std::vector<Prompt> prompts = ragged_prompts(9);
  std::vector<Index> order;
  std::vector<decode::Generated> told(prompts.size());
  const GenerateOptions options{.stop_token = 0, .ended = [&](Index prompt, const decode::Generated& result) {
                                  order.push_back(prompt);
                                  told[static_cast<std::size_t>(prompt)] = result;
                                }};
  const auto results = decode::generate<double>(stepper, prompts, options);
  BOOST_TEST(order.size() == prompts.size());
  for (std::size_t i = 0; i < prompts.size(); ++i) BOOST_TEST((told[i].tokens == results[i].tokens));
  const auto steps = [&](Index prompt) {
    const decode::Generated& result = results[static_cast<std::size_t>(prompt)];
    return result.tokens.size() + (result.stopped ? 1 : 0);
  };
  BOOST_TEST(std::ranges::is_sorted(order, {}, steps));
  order.clear();
  decode::generate<double>(stepper, prompts, {.go_on = [] { return false; }, .ended = options.ended});
  BOOST_TEST(order == (std::vector<Index>{0, 1, 2, 3}), boost::test_tools::per_element());
  for (const decode::Generated& result : told) BOOST_TEST(result.tokens.size() == 1u);
}

BOOST_AUTO_TEST_CASE(everything_ends_as_it_is_where_it_shall_not_go_on) {
  const SmallModel model("transformer");
  auto stepper = model.stepper();
  const std::vector<Prompt> prompts = ragged_prompts(30);
  int steps = 0;
  const auto cut = decode::generate<double>(stepper, prompts, {.go_on = [&] { return ++steps < 3; }});
  const auto short_ones = decode::generate<double>(
      stepper, {{{1, 2, 3}, 3, 0}, {{4}, 3, 1}, {{5, 6, 5, 6, 5}, 3, 2}, {{2, 2}, 3, 3}}, {});
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    BOOST_TEST(cut[i].tokens == short_ones[i].tokens, boost::test_tools::per_element());
    BOOST_TEST(!cut[i].stopped);
  }
}

BOOST_AUTO_TEST_CASE(streams_and_seeds_draw_differently) {
  HistoryStepper stepper(50, [](const auto&) { return std::vector<double>(50, 0.0); });
  const auto draw = [&](std::uint64_t seed, std::uint64_t stream) {
    return decode::generate<double>(stepper, {{{1}, 20, stream}},
                                    {.sampling = {.temperature = 1, .seed = seed}})[0]
        .tokens;
  };
  BOOST_TEST((draw(1, 0) == draw(1, 0)));
  BOOST_TEST((draw(1, 0) != draw(1, 1)));
  BOOST_TEST((draw(1, 0) != draw(2, 0)));
}

BOOST_AUTO_TEST_CASE(the_stop_token_ends_a_text) {
  // The likeliest token is the last one plus 1. Token 4 stops.
  HistoryStepper stepper(6, [](const std::vector<Id>& history) {
    std::vector<double> logits(6, 0.0);
    logits[static_cast<std::size_t>((history.back() + 1) % 6)] = 1;
    return logits;
  });
  std::vector<std::pair<Index, Id>> heard;
  const auto results =
      decode::generate<double>(stepper, {{{0}, 9}, {{3}, 9}, {{5}, 2}}, {.stop_token = 4},
                               [&](Index prompt, Id token) { heard.emplace_back(prompt, token); });
  BOOST_TEST(results[0].tokens == (std::vector<Id>{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(results[0].stopped);
  BOOST_TEST(results[1].tokens.empty());
  BOOST_TEST(results[1].stopped);
  BOOST_TEST(results[2].tokens == (std::vector<Id>{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(!results[2].stopped);
  const std::vector<std::pair<Index, Id>> expected = {{0, 1}, {2, 0}, {0, 2}, {2, 1}, {0, 3}};
  BOOST_TEST((heard == expected));
}

BOOST_AUTO_TEST_CASE(forbidden_tokens_are_not_chosen) {
  HistoryStepper stepper(4, [](const auto&) { return std::vector<double>{3, 2, 1, 0}; });
  const auto results = decode::generate<double>(stepper, {{{0}, 3}}, {.forbidden = {0, 1}});
  BOOST_TEST(results[0].tokens == (std::vector<Id>{2, 2, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused) {
  const SmallModel model("memsizer");
  auto stepper = model.stepper();
  BOOST_TEST(decode::generate<double>(stepper, {}, {}).empty());
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{}, 5}}, {}), InputError);
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{7}, 5}}, {}), InputError);
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{-1}, 5}}, {}), InputError);
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{1}, 0}}, {}), InputError);
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{1}, 5}}, {.forbidden = {7}}), InputError);
  BOOST_CHECK_THROW(decode::generate<double>(stepper, {{{1}, 5}}, {.sampling = {.temperature = -1}}),
                    InputError);
}

BOOST_AUTO_TEST_SUITE_END()
