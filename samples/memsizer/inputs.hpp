#pragma once
// The texts that `memsizer generate --input` reads.

#include <memory>

#include "memsizer/data/json_lines.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/tasks/task.hpp"
#include "memsizer/text/utf8_lines.hpp"

namespace memsizer::program::generate_command {

/// Texts, one after another.
class InputReader {
 public:
  virtual ~InputReader() = default;

  /// Puts the next text into `text`. Returns false at the end.
  virtual bool next(std::string& text) = 0;
  /// Whether the next text has not been written yet, for example by a person at a terminal.
  virtual bool would_wait() const { return false; }
};

/// A text on each line of a file or of standard input.
class LineInputs : public InputReader {
 public:
  explicit LineInputs(const std::filesystem::path& path) : reader_(path) {}

  /// A byte order mark at the beginning is no text.
  bool next(std::string& text) override {
    if (!reader_.next(text)) return false;
    if (reader_.number() == 1 && text.starts_with(text::byte_order_mark))
      text.erase(0, text::byte_order_mark.size());
    return true;
  }
  bool would_wait() const override { return reader_.would_wait(); }

 private:
  files::LineReader reader_;
};

/// A text in each object of a file of JSON lines.
class RecordInputs : public InputReader {
 public:
  RecordInputs(const std::filesystem::path& path, tasks::RecordText text_of)
      : lines_(path, "a JSON object on each line", data::NoValues::allowed), text_of_(std::move(text_of)) {}

  bool next(std::string& text) override {
    if (!lines_.next()) return false;
    text = text_of_(lines_.value());
    return true;
  }

 private:
  data::JsonLines lines_;
  tasks::RecordText text_of_;
};

/// Opens the file of --input. A file of JSON lines, by its name, is read as such if the task has records.
inline std::unique_ptr<InputReader> open_inputs(const std::filesystem::path& path,
                                                const tasks::RecordText& text_of_record) {
  if (const std::string form = data::form_of(path); text_of_record && (form == ".jsonl" || form == ".ndjson"))
    return std::make_unique<RecordInputs>(path, text_of_record);
  return std::make_unique<LineInputs>(path);
}

/// The texts of a reader as decode::PromptSource wants them. A long text is read alone, since short ones
/// beside it would wait for it, padded to its length.
class Inputs {
 public:
  explicit Inputs(std::unique_ptr<InputReader> reader) : reader_(std::move(reader)) {}

  decode::Supply operator()(bool may_wait, std::string& text) {
    if (!has_text_) {
      if (!may_wait && reader_->would_wait()) return decode::Supply::later;
      if (!reader_->next(text_)) return decode::Supply::end;
      has_text_ = true;
    }
    const bool is_long = text_.size() > long_bytes;
    if ((is_long || last_was_long_) && !may_wait && !std::exchange(held_back_, true))
      return decode::Supply::later;
    held_back_ = has_text_ = false;
    last_was_long_ = is_long;
    text = std::move(text_);
    return decode::Supply::prompt;
  }

 private:
  static constexpr std::size_t long_bytes = 4096;

  std::unique_ptr<InputReader> reader_;
  std::string text_;
  bool has_text_ = false;       // text_ was read and not given yet
  bool last_was_long_ = false;  // the text that was given last
  bool held_back_ = false;      // whether text_ was held back once, so that it begins another round
};

}  // namespace memsizer::program::generate_command
