#pragma once
// Pairs of a sentence and its translation, from files of any form. A reader of another form is another class
// that derives from PairReader, and a line in open_pairs.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "memsizer/data/json_lines.hpp"
#include "memsizer/data/language_codes.hpp"
#include "memsizer/data/parquet_rows.hpp"
#include "memsizer/data/sentence_reader.hpp"
#include "memsizer/data/text_pair.hpp"

namespace memsizer::data {

/// A sentence and its translation.
using SentencePair = TextPair;

/// The files that hold pairs: one for each side, or one that holds both; then `target` is empty.
struct PairFiles {
  std::filesystem::path source, target = {};

  bool operator==(const PairFiles&) const = default;
};

class PairReader {
 public:
  virtual ~PairReader() = default;

  /// Puts the next pair into `pair`. Returns false at the end. InputError, with file and line or row, if a
  /// file is not what it should be.
  virtual bool next(SentencePair& pair) = 0;
};

namespace detail {

/// Two files with the same number of sentences, of which each translates the one in the same place.
class AlignedSentences : public PairReader {
 public:
  explicit AlignedSentences(const PairFiles& files)
      : source_(open_sentences(files.source)), target_(open_sentences(files.target)) {}

  bool next(SentencePair& pair) override {
    const bool has_source = source_->next(pair.source), has_target = target_->next(pair.target);
    sources_ += has_source;
    targets_ += has_target;
    if (has_source != has_target) fail("");
    if (!has_source) {
      require(sources_ > 0, source_->path().native(), ": expected ", source_->unit(), ", got an empty file");
      return false;
    }
    const std::string source = source_->label(), target = target_->label();
    if (!source.empty() && !target.empty() && source != target)
      fail(concatenate("; ", source_->place(), " is ", source, ", ", target_->place(), " is ", target));
    return true;
  }

 private:
  [[noreturn]] void fail(const std::string& where) {
    std::string rest;
    while (source_->next(rest)) ++sources_;
    while (target_->next(rest)) ++targets_;
    throw InputError(concatenate("expected translations in the same order in ", source_->path().native(),
                                 " (", sources_, ' ', source_->unit(), ") and ", target_->path().native(),
                                 " (", targets_, ' ', target_->unit(), "); they are not aligned", where));
  }

  std::unique_ptr<SentenceReader> source_, target_;
  Index sources_ = 0, targets_ = 0;
};

/// Lines of JSON such as {"translation": {"de": "Ein Satz.", "en": "A sentence."}}. Other keys, such as "id",
/// may stand beside; blank lines hold no pair.
class JsonPairs : public PairReader {
 public:
  /// InputError if the file does not begin like JSON.
  JsonPairs(const std::filesystem::path& path, Languages languages)
      : lines_(path,
               concatenate("lines such as {\"translation\": {\"", languages.source, "\": ..., \"",
                           languages.target, "\": ...}}, or a name that ends in a language, such as train.",
                           languages.source)),
        languages_(std::move(languages)) {}

  bool next(SentencePair& pair) override {
    if (!lines_.next()) return false;
    const files::JsonView translation = lines_.value().at("translation");
    pair.source = sentence(translation, languages_.source);
    pair.target = sentence(translation, languages_.target);
    return true;
  }

 private:
  /// The sentence under any code of the language.
  static std::string sentence(const files::JsonView& translation, const std::string& language) {
    std::optional<std::string> found;
    for (const auto& [key, value] : translation.object()) {
      if (!same_language(key, language)) continue;
      if (found) translation.fail("expected one sentence of the language \"", language, "\", got two");
      found = translation.at(key).get<std::string>();
    }
    if (!found) fail_absent(translation, language);
    return *std::move(found);
  }

  [[noreturn]] static void fail_absent(const files::JsonView& translation, const std::string& language) {
    std::string keys;
    for (const auto& member : translation.object())
      keys += concatenate(keys.empty() ? "" : ", ", '"', printable(member.first, 20), '"');
    translation.fail("expected a sentence of the language \"", language, "\", got ",
                     keys.empty() ? "none" : printable(keys));
  }

  JsonLines lines_;
  Languages languages_;
};

/// Parquet with a column `translation: struct<de: string, en: string>`, in which each level may be optional.
class ParquetPairs : public PairReader {
 public:
  ParquetPairs(const std::filesystem::path& path, const Languages& languages)
      : rows_(path), source_(choose(languages.source)), target_(choose(languages.target)) {}

  bool next(SentencePair& pair) override {
    if (!rows_.next()) return false;
    pair.source = rows_.text(source_);
    pair.target = rows_.text(target_);
    return true;
  }

 private:
  /// The column of the language, under any code of it.
  std::size_t choose(const std::string& language) {
    const std::string outer = "translation.";
    std::optional<std::string> found;
    for (const std::string& column : rows_.columns()) {
      if (!column.starts_with(outer) || !same_language(column.substr(outer.size()), language)) continue;
      require(!found, rows_.path().string(), ": expected one column of the language \"", language,
              "\", got two");
      found = column;
    }
    return rows_.choose(found.value_or(outer + language));
  }

  ParquetRows rows_;
  std::size_t source_, target_;
};

}  // namespace detail

/// Opens the files of a data set's part. InputError if one is not what its name says.
inline std::unique_ptr<PairReader> open_pairs(const PairFiles& files, const Languages& languages) {
  if (files.target.empty() && is_parquet(files.source))
    return std::make_unique<detail::ParquetPairs>(files.source, languages);
  if (files.target.empty()) return std::make_unique<detail::JsonPairs>(files.source, languages);
  return std::make_unique<detail::AlignedSentences>(files);
}

}  // namespace memsizer::data
