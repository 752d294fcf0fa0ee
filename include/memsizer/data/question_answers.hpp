#pragma once
// A data set of questions and their answers, such as OpenOrca: records one after another, split by the names
// of their files or by their ids.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/data/question_reader.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_pair.hpp"
#include "memsizer/files/hash.hpp"

namespace memsizer::data {

/// The split of a record in a data set that has no official one: FNV-1a (64 bit) of the id, modulo 100, is 0
/// to 4 for test, 5 to 9 for validation, and else train. It depends on the id alone. So it is the same on
/// each machine and in each order, and two answers to the question of one id never lie in two splits.
constexpr Split split_of_id(std::string_view id) {
  const std::uint64_t part = files::hash_text(id) % 100;
  return part < 5 ? Split::test : part < 10 ? Split::validation : Split::train;
}

/// The records of a split. It holds one record in memory, however large the files are. Example:
///
///     QuestionStream records = data.open(Split::train);
///     for (QuestionRecord record; records.next(record);) use(record);
class QuestionStream {
 public:
  /// The files are opened one after another. With `only`, records whose ids belong to another split are left
  /// out. `name` is what an error calls the whole.
  QuestionStream(std::vector<std::filesystem::path> files, std::optional<Split> only, std::string name)
      : files_(std::move(files)), only_(only), name_(std::move(name)) {}

  /// Puts the next record into `record`. Returns false at the end. InputError as in QuestionReader, and if
  /// there is no record at all.
  bool next(QuestionRecord& record) {
    while (true) {
      while (reader_ && reader_->next(record))
        if (!only_ || split_of_id(record.id) == *only_) {
          ++count_;
          return true;
        }
      if (opened_ == files_.size()) break;
      reader_ = open_questions(files_[opened_++]);
    }
    require(count_ > 0, name_, " is empty");
    return false;
  }

  /// The same as a pair: the source is the prompt (prompt_text), the target is the response.
  bool next(TextPair& pair) {
    if (!next(record_)) return false;
    pair.source = prompt_text(record_.system, record_.question);
    std::swap(pair.target, record_.response);
    return true;
  }

  /// The number of records read.
  Index count() const { return count_; }

 private:
  std::vector<std::filesystem::path> files_;
  std::optional<Split> only_;
  std::string name_;
  std::unique_ptr<QuestionReader> reader_;
  std::size_t opened_ = 0;
  QuestionRecord record_;
  Index count_ = 0;
};

/// A folder or file of records. Where file names tell a validation or test split, such as valid.jsonl, the
/// names decide, as for other data (splits.hpp). Else all files together are split by the ids of their
/// records (split_of_id), as OpenOrca's 1M-GPT4-Augmented.parquet and 3_5M-GPT3_5-Augmented.parquet.
///
/// An id may occur more than once: OpenOrca's two parts may answer the same question.
class QuestionAnswers {
 public:
  /// InputError if there is no data, or the same data twice.
  explicit QuestionAnswers(const std::filesystem::path& data)
      : data_(data), named_(find_split_files(data, is_record_file)) {
    if (named_.contains(Split::validation) || named_.contains(Split::test)) {
      for (const auto& [split, files] : named_) require_one_form(files);
      return;
    }
    by_id_ = std::filesystem::is_directory(data) ? files_of_folder(data) : std::vector{data};
    require_one_form(by_id_);
    require(!by_id_.empty(), data.string(),
            ": expected files of records such as 1M-GPT4-Augmented.parquet or .jsonl, found none");
  }

  const std::filesystem::path& path() const { return data_; }

  /// Whether the records are split by their ids, and not by the names of their files.
  bool is_split_by_id() const { return !by_id_.empty(); }

  /// Whether a split has a record. If records are split by their ids, we read up to the first one of this
  /// split: InputError if that is not possible.
  bool has(Split split) const {
    if (!is_split_by_id()) return named_.contains(split);
    for (const auto& file : by_id_) {
      const auto reader = open_questions(file);
      for (QuestionRecord record; reader->next(record);)
        if (split_of_id(record.id) == split) return true;
    }
    return false;
  }

  /// The files of a split; all files, if records are split by their ids. InputError if the split is absent or
  /// a file does not begin like one of records.
  std::vector<std::filesystem::path> files(Split split) const {
    const auto& files = is_split_by_id() ? by_id_ : files_of_split(named_, split, data_);
    for (const auto& file : files) open_questions(file);
    return files;
  }

  /// How the files are read (encoded_pairs.hpp): if records are split by their ids, one file holds all
  /// splits.
  std::string reading(Split split) const {
    return concatenate("questions ", is_split_by_id() ? split_name(split) : "all");
  }

  /// InputError as in files().
  QuestionStream open(Split split) const {
    return QuestionStream(files(split), is_split_by_id() ? std::optional(split) : std::nullopt,
                          concatenate(data_.string(), ": the ", split_name(split), " split"));
  }

 private:
  static bool is_record_file(const std::filesystem::path& file) {
    const std::string form = form_of(file);
    return form == ".jsonl" || form == ".ndjson" || form == ".json" || form == ".parquet";
  }

  static std::vector<std::filesystem::path> files_of_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& relative : detail::files_below(folder))
      if (is_record_file(relative)) files.push_back(folder / relative);
    detail::require_no_file_twice(files);
    return files;
  }

  /// InputError for files of different forms, since they may be the same records in two forms.
  static void require_one_form(const std::vector<std::filesystem::path>& files) {
    for (const auto& file : files)
      require(form_of(file) == form_of(files[0]), "the same data twice: ", files[0].string(), " and ",
              file.string(), "; keep one of them");
  }

  std::filesystem::path data_;
  SplitFiles named_;
  std::vector<std::filesystem::path> by_id_;  // empty if the names tell the splits
};

}  // namespace memsizer::data
