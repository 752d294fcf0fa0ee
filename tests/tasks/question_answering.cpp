// Question answering as a task: a whole run on a few questions, its figures beside the plainest way to
// compute them, and its prompts.
#include "memsizer/tasks/question_answering.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(question_answering)

using namespace memsizer;
using namespace memsizer::tasks;
namespace test_data = boost::unit_test::data;

namespace {

void write_questions(const TemporaryFolder& folder) {
  std::string lines;
  for (int i = 0; i < 200; ++i)
    lines += nlohmann::ordered_json{{"id", concatenate("flan.", i)},
                                    {"system_prompt", i % 2 == 0 ? "" : "Be brief."},
                                    {"question", concatenate("Which colour has house ", i % 7, '?')},
                                    {"response", i % 3 == 0 ? "It is red.\nVery red." : "blue"}}
                 .dump() +
             '\n';
  folder.write("data/questions.jsonl", lines);
}

struct RecordCounts {
  std::map<data::Split, Index> records, cut;
};

/// Writes the questions again, into the folder "cut": of each prompt the last bytes that fit into `sequence`
/// tokens beside the response, where a token is a byte.
RecordCounts write_cut_questions(const TemporaryFolder& folder, Index sequence) {
  RecordCounts counts;
  std::string lines;
  const auto reader = data::open_questions(folder / "data/questions.jsonl");
  for (data::QuestionRecord record; reader->next(record);) {
    const std::string prompt = data::prompt_text(record.system, record.question);
    const Index over =
        std::max<Index>(0, std::ssize(prompt) + 1 + std::ssize(record.response) + 1 - sequence);
    const data::Split split = data::split_of_id(record.id);
    ++counts.records[split], counts.cut[split] += over > 0;
    lines += nlohmann::ordered_json{{"id", record.id},
                                    {"question", prompt.substr(static_cast<std::size_t>(over))},
                                    {"response", record.response}}
                 .dump() +
             '\n';
  }
  folder.write("cut/questions.jsonl", lines);
  return counts;
}

Request answering(const TemporaryFolder& folder, const std::string& output, const std::string& architecture,
                  Index steps) {
  return {
      .task = "question-answering",
      .architecture = architecture,
      .preset = "micro",
      .data = folder / "data",
      .output = folder / output,
      .settings = {"vocab=270", "dim=8", "slots=3", "ffn=8", "warmup=2", "dropout=0.1", "batch_tokens=200",
                   "accumulate=2", "log_every=1", "schedule_steps=8", "sequence=48", "validate_every=4"},
      .budget = {.steps = steps}};
}

}  // namespace

BOOST_DATA_TEST_CASE(a_resumed_run_equals_one_that_was_not_stopped, test_data::make(test::architectures()),
                     architecture) {
  const TemporaryFolder folder;
  write_questions(folder);
  train_model(answering(folder, "whole", architecture, 6), {});
  train_model(answering(folder, "parts", architecture, 3), {});
  train_model(test::resumed(answering(folder, "parts", architecture, 3), 6), {});
  test::check_same_run(folder / "whole", folder / "parts", "step-6");
}

BOOST_AUTO_TEST_CASE(an_evaluation_scores_the_responses_alone_and_each_token_once) {
  const TemporaryFolder folder;
  write_questions(folder);
  train_model(answering(folder, "run", "memsizer", 4), {});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const train::EvaluationReport report =
      test::scored(run, {.data = folder / "data", .hypotheses = folder / "texts"});
  const auto loaded = load_model(run, cpu::device());
  const auto& trained = dynamic_cast<const PairRun<PromptResponse<float>>&>(*loaded);
  const text::Tokenizer& tokenizer = trained.tokenizer();
  double nats = 0;
  Index tokens = 0, examples = 0;
  std::vector<std::string> references;
  data::QuestionStream stream = data::QuestionAnswers(folder / "data").open(data::Split::test);
  for (data::TextPair pair; stream.next(pair); ++examples) {
    references.push_back(on_one_line(pair.target, LineBreaks::become_backslash_n));
    std::vector<Id> text = {2};
    for (const text::TokenId id : tokenizer.encode(pair.source)) text.push_back(id);
    text.push_back(2);
    const std::size_t prompt = text.size();
    for (const text::TokenId id : tokenizer.encode(pair.target)) text.push_back(id);
    text.push_back(2);
    BOOST_TEST_REQUIRE(text.size() <= 48u + 1, "nothing is cut here");
    const auto count = static_cast<Index>(text.size()) - 1;
    const std::vector<float> logits =
        trained.model()
            .logits(trained.model().hidden(
                Tensor<Id>({1, count}, std::vector<Id>(text.begin(), text.end() - 1)), {}))
            .to_vector();
    const std::size_t vocab = logits.size() / static_cast<std::size_t>(count);
    for (std::size_t i = prompt; i < text.size(); ++i) {
      const std::span<const float> row = std::span(logits).subspan((i - 1) * vocab, vocab);
      nats += decode::log_sum_exp(row) - static_cast<double>(row[static_cast<std::size_t>(text[i])]);
      ++tokens;
    }
  }
  BOOST_TEST(report.examples == examples);
  BOOST_TEST(report.tokens == tokens);
  BOOST_TEST(report.loss == nats / static_cast<double>(tokens), boost::test_tools::tolerance(1e-5));
  const std::vector<std::string> texts = test::texts_of(folder / "texts");
  const auto figures =
      measure_texts(tasks::question_answering::metrics_of_texts(false), texts, references, Intervals::no)
          .figures;
  for (const char* name : {"exact_match", "f1", "rougeL"})
    BOOST_TEST(*train::number_of(report.more, name) == *train::number_of(figures, name));
}

// With 259 tokens each byte is one. So we can cut by hand, and the same model must find the same loss.
BOOST_AUTO_TEST_CASE(long_prompts_are_cut_at_their_beginning_and_counted) {
  using enum data::Split;
  const TemporaryFolder folder;
  write_questions(folder);
  auto [records, cut] = write_cut_questions(folder, 44);
  for (const data::Split split : {train, validation, test})
    BOOST_TEST_REQUIRE((0 < cut[split] && cut[split] < records[split]));
  Request request = answering(folder, "run", "memsizer", 2);
  request.settings.insert(request.settings.end(), {"vocab=259", "sequence=44"});
  std::vector<std::string> told;
  train_model(request, {.tell = [&](const std::string& line) { told.push_back(line); }});
  const train::RunDirectory run = train::RunDirectory::open(folder / "run");
  const auto count_told = [&](const std::string& line) { return std::ranges::count(told, line); };
  BOOST_TEST(count_told(concatenate("of ", records[train], " pairs to train on, ",
                                    PromptResponse<float>::cuts_text(cut[train], 0, config_of(run)))) == 1);
  BOOST_TEST(count_told(concatenate("of ", records[validation], " pairs to validate, ",
                                    PromptResponse<float>::cuts_text(cut[validation], 0, config_of(run)))) ==
             1);

  const train::EvaluationReport report = test::scored(run, {.data = folder / "data"}),
                                by_hand = test::scored(run, {.data = folder / "cut"});
  BOOST_TEST(*train::number_of(report.more, "cut_sources") == cut[test]);
  BOOST_TEST(*train::number_of(report.more, "cut_targets") == 0);
  BOOST_TEST(*train::number_of(by_hand.more, "cut_sources") == 0);
  BOOST_TEST(report.tokens == by_hand.tokens);  // all tokens of the responses
  BOOST_TEST(report.loss == by_hand.loss);
}

BOOST_AUTO_TEST_CASE(a_prompt_is_cut_from_its_beginning_and_leaves_room_for_the_response) {
  train::Config config = preset_config("question-answering", "gpt2", "micro");
  config.batches.sequence = 20;
  const auto ids = [](Id count) {
    std::vector<Id> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), Id{10});
    all.push_back(2);
    return all;
  };
  const decode::Prompt brief = PromptResponse<float>::prompt(ids(4), config, {.more = 256}, 0);
  BOOST_TEST(brief.tokens == (std::vector<Id>{2, 10, 11, 12, 13, 2}), boost::test_tools::per_element());
  BOOST_TEST(!brief.is_cut);
  BOOST_TEST(brief.max_tokens == 15);  // learned positions for 20 tokens, of which the last need not be read
  const decode::Prompt cut = PromptResponse<float>::prompt(ids(30), config, {.more = 256}, 0);
  BOOST_TEST(cut.is_cut);
  BOOST_TEST(cut.tokens.size() == 11u);  // half of the sequence, after </s>
  BOOST_TEST(cut.tokens[9] == 39);
  const decode::Prompt with_room = PromptResponse<float>::prompt(ids(30), config, {.more = 4}, 0);
  BOOST_TEST(with_room.tokens.size() == 17u);
  BOOST_TEST(with_room.max_tokens == 4);
}

BOOST_AUTO_TEST_CASE(where_positions_do_not_end_a_prompt_has_the_whole_sequence) {
  train::Config config = preset_config("question-answering", "transformer", "micro");
  config.batches.sequence = 20;
  std::vector<Id> ids(20, 10);
  ids.back() = 2;
  const decode::Prompt whole = PromptResponse<float>::prompt(ids, config, {.more = 256}, 0);
  BOOST_TEST(!whole.is_cut);
  BOOST_TEST(whole.tokens.size() == 21u);
  BOOST_TEST(whole.max_tokens == 256);
  ids.insert(ids.begin(), 11);
  BOOST_TEST(PromptResponse<float>::prompt(ids, config, {.more = 256}, 0).tokens == whole.tokens,
             boost::test_tools::per_element());
  BOOST_TEST(PromptResponse<float>::cuts(21, config, {.more = 256}));
  BOOST_TEST(!PromptResponse<float>::cuts(20, config, {.more = 256}));
}

BOOST_AUTO_TEST_CASE(a_conversation_goes_on_where_a_question_ended) {
  const TemporaryFolder folder;
  write_questions(folder);
  train_model(answering(folder, "run", "memsizer", 2), {});
  const auto model = load_model(train::RunDirectory::open(folder / "run"), cpu::device());
  const auto conversation = model->begin_conversation();
  BOOST_TEST_REQUIRE(conversation != nullptr);
  std::vector<Id> question;
  model->tokenizer().encode("Which colour has house 1?", question);
  const std::vector<Id> answer = conversation->answer(question, {.max_tokens = 5});
  const auto stepper = model->make_stepper();
  const std::vector<decode::Generated> same =
      decode::generate<float>(*stepper, {model->prompt("Which colour has house 1?", {.more = 5}, 0)},
                              {.stop_token = model->end_token()});
  BOOST_TEST(answer == same[0].tokens, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_baseline_is_the_best_constant_answer) {
  const TemporaryFolder folder;
  write_questions(folder);
  const Task& task = find_task("question-answering");
  const auto data = task.open_data(folder / "data", {});
  const std::vector<Baseline> baselines =
      task.baselines(*data, data::Split::train, test::any_tokenizer(), {});
  BOOST_TEST_REQUIRE(baselines.size() == 1u);
  BOOST_TEST(*train::number_of(baselines[0].figures, "exact_match") > 60);  // "blue"
}

BOOST_AUTO_TEST_SUITE_END()
