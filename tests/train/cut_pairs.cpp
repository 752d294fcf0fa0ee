// What training says of pairs that are too long: how many are cut, by which setting, and to how many tokens.
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/prompt_response.hpp"
#include "memsizer/tasks/source_target.hpp"

BOOST_AUTO_TEST_SUITE(cut_pairs)

using namespace memsizer;
using namespace memsizer::tasks;

BOOST_AUTO_TEST_CASE(prompts_and_responses_are_cut_to_fit_a_sequence) {
  Config config;
  config.batches.sequence = 44;
  using Form = PromptResponse<float>;
  const std::string to = ", so that the pair fits sequence = 44 tokens";
  BOOST_TEST(Form::cuts_text(3, 0, config) == "3 prompts are cut at the beginning" + to);
  BOOST_TEST(Form::cuts_text(0, 1, config) == "1 response is cut at the end" + to);
  BOOST_TEST(Form::cuts_text(1, 2, config) ==
             "1 prompt is cut at the beginning and 2 responses are cut at the end" + to);
}

BOOST_AUTO_TEST_CASE(sources_and_targets_have_limits_of_their_own) {
  Config config;
  config.source.max_source = 18;
  config.target.max_target = 40;
  using Form = SourceTarget<float>;
  BOOST_TEST(Form::cuts_text(3, 0, config) == "3 sources are cut to max_source = 18 tokens");
  BOOST_TEST(Form::cuts_text(0, 1, config) == "1 target is cut to max_target = 40 tokens");
  BOOST_TEST(Form::cuts_text(1, 2, config) ==
             "1 source is cut to max_source = 18 tokens and 2 targets are cut to max_target = 40 tokens");
}

BOOST_AUTO_TEST_SUITE_END()
