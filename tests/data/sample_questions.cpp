// The sample questions and answers (samples/data/questions-tiny): the split by ids, the facts that are asked
// for again in other words, and the answers that system prompts ask for.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/question_answers.hpp"

#include "data/words_of.hpp"

BOOST_AUTO_TEST_SUITE(sample_questions)

using namespace memsizer;
using namespace memsizer::data;
using test::unknown_word, test::words_of;

namespace {

std::vector<QuestionRecord> records(Split split) {
  const QuestionAnswers data(test::sample_folder("questions-tiny"));
  BOOST_TEST(data.is_split_by_id());
  std::vector<QuestionRecord> records;
  QuestionStream stream = data.open(split);
  for (QuestionRecord record; stream.next(record);) records.push_back(record);
  return records;
}

std::vector<QuestionRecord> held_out_records() {
  std::vector<QuestionRecord> all = records(Split::validation);
  for (QuestionRecord& record : records(Split::test)) all.push_back(std::move(record));
  return all;
}

std::string all_words(const QuestionRecord& record) {
  return record.system + ' ' + record.question + ' ' + record.response;
}

/// The number of the fact that a record asks for; -1 if it asks about a passage.
int fact(const QuestionRecord& record) {
  if (record.id.starts_with("cot.")) return -1;
  return std::stoi(record.id.substr(record.id.find('.') + 1)) / 100;
}

bool is_number(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
}

/// Whether a response has the form that its system prompt asks for.
bool has_asked_form(const QuestionRecord& record) {
  const std::string& response = record.response;
  const bool is_sentence = response.ends_with('.') && words_of(response).size() > 3;
  if (record.system == "Answer yes or no.") return response == "Yes" || response == "No";
  if (record.system == "Answer with a year.") return response.size() == 4 && is_number(response);
  if (record.system == "Answer with one word.") return words_of(response).size() == 1 && !is_sentence;
  if (record.system == "Answer in one sentence.") return is_sentence && !response.starts_with("Welcome!");
  if (record.system.starts_with("You are a guide")) return is_sentence && response.starts_with("Welcome! ");
  return (record.system == "" || record.system == "Answer with a name.") && !is_sentence && response != "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(ids_split_the_records_and_no_question_is_there_twice) {
  std::set<std::string> questions, ids;
  std::map<Split, std::size_t> sizes;
  for (const Split split : {Split::train, Split::validation, Split::test})
    for (const QuestionRecord& record : records(split)) {
      ++sizes[split];
      BOOST_TEST(questions.insert(record.question).second, "twice: " << record.question);
      BOOST_TEST(ids.insert(record.id).second, "twice: " << record.id);
    }
  BOOST_TEST(ids.size() == 2568u);
  for (const Split split : {Split::validation, Split::test})
    BOOST_TEST((sizes[split] > 100 && sizes[split] < 156), sizes[split] << " records");
  const auto file = test::sample_folder("questions-tiny") / "1M-GPT4-Augmented.jsonl";
  BOOST_TEST(std::filesystem::file_size(file) < 450000u);
}

BOOST_AUTO_TEST_CASE(training_asks_for_each_held_out_fact_in_other_words) {
  std::map<int, int> asked;  // how often training asks for a fact
  std::map<int, std::string> answers;
  std::set<std::string> known;
  for (const QuestionRecord& record : records(Split::train)) {
    ++asked[fact(record)];
    if (record.id.starts_with("niv.")) answers[fact(record)] = record.response;
    for (const std::string& word : words_of(all_words(record))) known.insert(word);
  }
  std::size_t facts = 0;
  for (const QuestionRecord& record : held_out_records()) {
    BOOST_TEST(unknown_word(all_words(record), known) == "", record.question);
    if (fact(record) < 0) continue;
    ++facts;
    BOOST_TEST(asked[fact(record)] >= 8, record.question);
    if (record.id.starts_with("niv.")) BOOST_TEST(answers[fact(record)] == record.response, record.question);
    if (record.id.starts_with("flan."))
      BOOST_TEST(record.response.find(answers[fact(record)]) != std::string::npos, record.question);
  }
  BOOST_TEST(facts > 150u);
}

BOOST_AUTO_TEST_CASE(a_system_prompt_decides_the_form_of_the_answer) {
  std::map<std::string, int> prompts;
  for (const Split split : {Split::train, Split::validation, Split::test})
    for (const QuestionRecord& record : records(split)) {
      ++prompts[record.system];
      BOOST_TEST(has_asked_form(record), record.id << ": " << record.response);
    }
  BOOST_TEST(prompts.size() == 7u);
  for (const auto& [prompt, count] : prompts) BOOST_TEST(count > 100, prompt);
}

BOOST_AUTO_TEST_CASE(no_answer_is_frequent) {
  std::map<std::string, double> counts;
  const std::vector<QuestionRecord> held_out = held_out_records();
  for (const QuestionRecord& record : held_out) ++counts[record.response];
  for (const auto& [answer, count] : counts)
    BOOST_TEST(count < 0.15 * static_cast<double>(held_out.size()), answer);
}

BOOST_AUTO_TEST_SUITE_END()
