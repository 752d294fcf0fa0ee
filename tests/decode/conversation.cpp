#include "memsizer/decode/conversation.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "decode/small_model.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(conversation)

using namespace memsizer;
using namespace memsizer::decode;
namespace test_data = boost::unit_test::data;

namespace {

constexpr Id end_id = 2;

/// The greedy answer to a text that is read at once.
std::vector<Id> answer_to(const SmallModel& model, std::vector<Id> text, Index most) {
  std::vector<Id> answer;
  while (static_cast<Index>(answer.size()) < most) {
    const std::vector<double> logits = model.logits_after(text);
    const Id next = most_likely(std::span<const double>(logits));
    if (next == end_id) break;
    text.push_back(next);
    answer.push_back(next);
  }
  return answer;
}

void append(std::vector<Id>& text, const std::vector<Id>& more) {
  text.insert(text.end(), more.begin(), more.end());
}

}  // namespace

BOOST_DATA_TEST_CASE(each_answer_is_that_to_the_whole_conversation,
                     test_data::make(memsizer::test::attention_kind_names(&nn::AttentionDescription::causal)),
                     kind) {
  const SmallModel model(kind);
  Conversation<double> conversation(model.model(), end_id);
  std::vector<Id> text = {end_id};
  for (const std::vector<Id>& question : {std::vector<Id>{3, 4}, {5}, {}, {6, 6, 1, 3}}) {
    append(text, question);
    text.push_back(end_id);
    const std::vector<Id> expected = answer_to(model, text, 5);
    std::vector<Id> told;
    const std::vector<Id> answer =
        conversation.answer(question, {.max_tokens = 5, .chosen = [&](Id id) { told.push_back(id); }});
    BOOST_TEST(answer == expected, boost::test_tools::per_element());
    BOOST_TEST(told == expected, boost::test_tools::per_element());
    append(text, answer);
    text.push_back(end_id);
  }
  BOOST_TEST(conversation.turns() == 4);
  conversation.reset();
  BOOST_TEST(conversation.tokens() == 0);
  BOOST_TEST(conversation.answer({3, 4}, {.max_tokens = 5}) == answer_to(model, {end_id, 3, 4, end_id}, 5),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_broken_off_counts_as_it_is) {
  const SmallModel model("memsizer");
  Conversation<double> conversation(model.model(), end_id);
  int asked = 0;
  const AnswerOptions two{.constraints = {.min_tokens = 4}, .go_on = [&] { return ++asked < 4; }};
  const std::vector<Id> begun = conversation.answer({3}, two);
  BOOST_TEST(begun.size() == 2u);
  std::vector<Id> text = {end_id, 3, end_id};
  append(text, begun);
  append(text, {end_id, 4, end_id});
  BOOST_TEST(conversation.answer({4}, {.max_tokens = 3}) == answer_to(model, text, 3),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(memsizer_remembers_in_the_same_space) {
  const SmallModel model("memsizer"), transformer("transformer");
  Conversation<double> constant(model.model(), end_id), growing(transformer.model(), end_id);
  constant.answer({3}, {.max_tokens = 2});
  growing.answer({3}, {.max_tokens = 2});
  const Index bytes = constant.state_bytes(), others = growing.state_bytes();
  for (int turn = 0; turn < 20; ++turn) {
    constant.answer({3, 4, 5, 6}, {.max_tokens = 2});
    growing.answer({3, 4, 5, 6}, {.max_tokens = 2});
  }
  BOOST_TEST(constant.state_bytes() == bytes);
  BOOST_TEST(growing.state_bytes() > others);
}

BOOST_AUTO_TEST_CASE(a_question_without_room_is_refused_and_changes_nothing) {
  models::LanguageModel<double> model({.attention = {"transformer"},
                                       .vocab = 7,
                                       .layers = 1,
                                       .dim = 8,
                                       .attention_settings = {.heads = 2},
                                       .block = {.ffn = 16},
                                       .embedding = {.positions = models::PositionKind::learned},
                                       .max_positions = 8});
  const nn::ParameterStore<double> store(model, 5, false);
  Conversation<double> conversation(model, end_id);
  const std::vector<Id> answer = conversation.answer({3, 4, 5}, {.constraints = {.min_tokens = 3}});
  BOOST_TEST(answer.size() == 4u, "5 positions are for the question and 3 for tokens that are read again");
  const Index before = conversation.tokens();
  CHECK_THROWS_SAYING(conversation.answer({3, 4, 5}, {}), InputError, "the model has 8 positions");
  CHECK_THROWS_SAYING(conversation.answer({7}, {}), InputError, "question");
  CHECK_THROWS_SAYING(conversation.answer({1}, {.max_tokens = 0}), InputError, "max_tokens");
  BOOST_TEST(conversation.tokens() == before);
}

BOOST_AUTO_TEST_SUITE_END()
