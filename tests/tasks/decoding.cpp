// How a task's way to decode and a user's options become one.
#include "memsizer/tasks/decoding.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(decoding)

using namespace memsizer;
using namespace memsizer::tasks;

namespace {

Decoding of_translation() {
  return {.beam = 4, .length_penalty = 0.6, .longest = {.per_source_token = 1.2, .more = 10}, .batch = 32};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_limit_counts_the_source) {
  BOOST_TEST((LengthLimit{.per_source_token = 1.2, .more = 10}.tokens(5)) == 16);
  BOOST_TEST((LengthLimit{.per_source_token = 1.2, .more = 10}.tokens(4)) == 14);
  BOOST_TEST((LengthLimit{.per_source_token = 0, .more = 7}.tokens(5)) == 7);
}

BOOST_AUTO_TEST_CASE(what_the_user_does_not_choose_is_the_tasks) {
  BOOST_TEST(text_of(chosen(of_translation(), {})) ==
             "beam 4, length penalty 0.6, at most 1.2 x source + 10 tokens");
  BOOST_TEST(text_of(chosen({}, {})) == "greedy, at most 100 tokens");
  BOOST_TEST(text_of(chosen(of_translation(), {.beam = 2, .max_tokens = 9, .no_repeat_ngram = 3})) ==
             "beam 2, length penalty 0.6, at most 9 tokens, no 3-gram twice");
  BOOST_TEST(chosen(of_translation(), {}).batch == 32);
  BOOST_TEST(chosen({}, {.beam = 4}).batch == 4);
}

BOOST_AUTO_TEST_CASE(a_short_source_leaves_room_for_the_fewest_tokens) {
  const Decoding decoding = chosen(of_translation(), {.min_tokens = 20});
  BOOST_TEST(decoding.longest.tokens(2) == 20);
  BOOST_TEST(decoding.longest.tokens(20) == 34);
}

BOOST_AUTO_TEST_CASE(who_draws_tokens_wants_no_beam_search) {
  BOOST_TEST(text_of(chosen(of_translation(), {.temperature = 0.5, .seed = 3})) ==
             "temperature 0.5, seed 3, at most 1.2 x source + 10 tokens");
  BOOST_TEST(text_of(chosen(of_translation(), {.top_k = 5})) ==
             "temperature 1, top-k 5, seed 1, at most 1.2 x source + 10 tokens");
  BOOST_TEST(text_of(chosen(of_translation(), {.temperature = 0})) ==
             "greedy, at most 1.2 x source + 10 tokens");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused) {
  using O = DecodingOptions;
  for (const O& bad : {O{.beam = 0}, O{.max_tokens = 0}, O{.min_tokens = -1}, O{.no_repeat_ngram = -1},
                       O{.batch = 0}, O{.seed = -1}, O{.length_penalty = 11}, O{.temperature = -1},
                       O{.top_p = 0}, O{.top_k = -1}, O{.beam = 2, .top_k = 3},
                       O{.length_penalty = 1, .temperature = 1}, O{.max_tokens = 3, .min_tokens = 5}})
    BOOST_CHECK_THROW(chosen(of_translation(), bad), InputError);
  BOOST_CHECK_THROW(chosen({}, {.length_penalty = 1}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
