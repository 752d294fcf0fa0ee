#pragma once
// The sentences of one language in a file: a line each, or a segment of SGML each.

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "memsizer/data/sgml.hpp"
#include "memsizer/data/text_head.hpp"
#include "memsizer/text/utf8_lines.hpp"

namespace memsizer::data {

class SentenceReader {
 public:
  virtual ~SentenceReader() = default;

  /// Puts the next sentence into `sentence`. Returns false at the end. InputError, with file and line, if the
  /// file is not what it should be.
  virtual bool next(std::string& sentence) = 0;

  virtual const std::filesystem::path& path() const = 0;
  /// What a sentence is in this file: "lines", "segments".
  virtual std::string unit() const = 0;
  /// The place of the last sentence: "train.de:12".
  virtual std::string place() const = 0;
  /// What the file itself calls the last sentence, such as `segment 3 of document "abc"`; empty if it calls
  /// it nothing.
  virtual std::string label() const = 0;
};

namespace detail {

class LineSentences : public SentenceReader {
 public:
  explicit LineSentences(const std::filesystem::path& path) : lines_(path) {}

  bool next(std::string& sentence) override { return lines_.next_without_mark(sentence); }
  const std::filesystem::path& path() const override { return lines_.path(); }
  std::string unit() const override { return "lines"; }
  std::string place() const override { return lines_.place(); }
  std::string label() const override { return {}; }

 private:
  text::Utf8Lines lines_;
};

class SgmlSentences : public SentenceReader {
 public:
  explicit SgmlSentences(const std::filesystem::path& path) : segments_(path) {}

  bool next(std::string& sentence) override { return segments_.next(sentence); }
  const std::filesystem::path& path() const override { return segments_.path(); }
  std::string unit() const override { return "segments"; }
  std::string place() const override { return segments_.place(); }
  std::string label() const override {
    return concatenate("segment ", segments_.id(), " of document \"", printable(segments_.document(), 60),
                       '"');
  }

 private:
  SgmlReader segments_;
};

}  // namespace detail

/// Opens a file of sentences. Its first bytes show whether it is SGML. InputError if it cannot be read as
/// text.
inline std::unique_ptr<SentenceReader> open_sentences(const std::filesystem::path& path) {
  if (is_sgml(head_of_text(path))) return std::make_unique<detail::SgmlSentences>(path);
  return std::make_unique<detail::LineSentences>(path);
}

}  // namespace memsizer::data
