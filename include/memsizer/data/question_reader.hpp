#pragma once
// Questions and their answers, in the form of OpenOrca (Lian et al., 2023): a line of JSON each, or Parquet
// with these four columns.
//
//     {"id": "cot.119029", "system_prompt": "You are ..", "question": "Premise: ..", "response": "The .."}

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "memsizer/data/json_lines.hpp"
#include "memsizer/data/parquet_rows.hpp"

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

class QuestionReader {
 public:
  virtual ~QuestionReader() = default;

  /// Puts the next record into `record`. Returns false at the end. InputError, with file and line or row,
  /// unless `id`, `question` and `response` are there and are strings, and the id is not empty. A system
  /// prompt that is absent or null is empty. Other keys and columns are of no importance.
  virtual bool next(QuestionRecord& record) = 0;
};

namespace detail {

/// Lines of JSON, plain or compressed.
class JsonQuestions : public QuestionReader {
 public:
  explicit JsonQuestions(const std::filesystem::path& path)
      : lines_(path,
               "lines such as {\"id\": .., \"system_prompt\": .., \"question\": .., \"response\": ..}") {}

  bool next(QuestionRecord& record) override {
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

class ParquetQuestions : public QuestionReader {
 public:
  explicit ParquetQuestions(const std::filesystem::path& path)
      : rows_(path),
        id_(rows_.choose("id")),
        question_(rows_.choose("question")),
        response_(rows_.choose("response")) {
    if (rows_.has("system_prompt")) system_ = rows_.choose("system_prompt");
  }

  bool next(QuestionRecord& record) override {
    if (!rows_.next()) return false;
    record.id = rows_.text(id_);
    if (record.id.empty()) rows_.fail_at(id_, "expected an id, got an empty string");
    record.system = system_ ? rows_.find(*system_).value_or("") : "";
    record.question = rows_.text(question_);
    record.response = rows_.text(response_);
    return true;
  }

 private:
  ParquetRows rows_;
  std::size_t id_, question_, response_;
  std::optional<std::size_t> system_;
};

}  // namespace detail

/// Opens a file of records, of which its reader holds one in memory. Its name shows whether it is Parquet,
/// else it is JSON. InputError if it is neither.
inline std::unique_ptr<QuestionReader> open_questions(const std::filesystem::path& path) {
  if (is_parquet(path)) return std::make_unique<detail::ParquetQuestions>(path);
  return std::make_unique<detail::JsonQuestions>(path);
}

}  // namespace memsizer::data
