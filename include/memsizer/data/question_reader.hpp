#pragma once
// Questions and their answers, in the form of OpenOrca (Lian et al., 2023): a line of JSON each.
//
//     {"id": "cot.119029", "system_prompt": "You are ..", "question": "Premise: ..", "response": "The .."}

#include <filesystem>
#include <string>

#include "memsizer/data/json_lines.hpp"

namespace memsizer::data {

struct QuestionRecord {
  std::string id;
  std::string system;  ///< what the assistant is told before the question; may be empty
  std::string question, response;

  bool operator==(const QuestionRecord&) const = default;
};

/// What a model reads before it answers: the system prompt, a blank line and the question, or the question
/// alone if the system prompt is empty. Example: "You are a teacher." and "Why?" give "You are a
/// teacher.\n\nWhy?".
inline std::string prompt_text(const std::string& system, const std::string& question) {
  return system.empty() ? question : system + "\n\n" + question;
}

/// Reads the records of one file, plain or compressed, and holds one of them in memory.
class QuestionReader {
 public:
  /// InputError if the file cannot be read as text, or does not begin like JSON.
  explicit QuestionReader(const std::filesystem::path& path)
      : lines_(path,
               "lines such as {\"id\": .., \"system_prompt\": .., \"question\": .., \"response\": ..}") {}

  /// Puts the next record into `record`. Returns false at the end. InputError, with file and line, unless
  /// `id`, `question` and `response` are there and are strings, and the id is not empty. A system prompt that
  /// is absent or null is empty. Other keys are of no importance.
  bool next(QuestionRecord& record) {
    if (!lines_.next()) return false;
    const files::JsonView value = lines_.value();
    record.id = value.get<std::string>("id");
    if (record.id.empty()) value.at("id").fail("expected an id, got an empty string");
    record.system = value.get_or<std::string>("system_prompt", "");
    record.question = value.get<std::string>("question");
    record.response = value.get<std::string>("response");
    return true;
  }

 private:
  JsonLines lines_;
};

}  // namespace memsizer::data
