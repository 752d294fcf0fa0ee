#pragma once
// Articles with their summaries, from a file of any form. A reader of another form is another class that
// derives from ArticleReader, and a line in open_articles.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "memsizer/data/json_lines.hpp"
#include "memsizer/data/parquet_rows.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/data/summary_file.hpp"
#include "memsizer/data/text_head.hpp"
#include "memsizer/data/text_pair.hpp"

namespace memsizer::data {

struct Article {
  std::string id;  ///< empty if it has none
  TextPair text;   ///< the document and its summary

  bool operator==(const Article&) const = default;
};

class ArticleReader {
 public:
  virtual ~ArticleReader() = default;

  /// Puts the next article into `article`. Returns false at the end. InputError, with file and line or row,
  /// if the file is not what it should be.
  virtual bool next(Article& article) = 0;

  /// The place of the last article: "train.jsonl:12", or "train.parquet, row 12".
  virtual std::string place() const = 0;
};

namespace detail {

/// A .summary file, which holds one article. Its id is the file's name.
class SummaryArticle : public ArticleReader {
 public:
  explicit SummaryArticle(std::filesystem::path path) : path_(std::move(path)) {}

  bool next(Article& article) override {
    if (is_read_) return false;
    is_read_ = true;
    article = {uncompressed_name(path_).stem().string(), read_summary_file(path_)};
    return true;
  }
  std::string place() const override { return path_.string(); }

 private:
  std::filesystem::path path_;
  bool is_read_ = false;
};

/// Lines such as {"document": "Two men ..", "summary": "..", "id": "29750031"}. The id may be absent or null;
/// other keys are of no importance.
class JsonArticles : public ArticleReader {
 public:
  explicit JsonArticles(const std::filesystem::path& path)
      : lines_(path,
               "lines such as {\"document\": .., \"summary\": .., \"id\": ..}, or a .summary file that "
               "begins with [SN]URL[SN]") {}

  bool next(Article& article) override {
    if (!lines_.next()) return false;
    const files::JsonView value = lines_.value();
    article.text = {value.get<std::string>("document"), value.get<std::string>("summary")};
    article.id.clear();
    if (const auto id = value.find("id"); id && !id->is_null()) {
      article.id = id->get<std::string>();
      if (article.id.empty()) id->fail("expected an id, got an empty string");
    }
    return true;
  }
  std::string place() const override { return lines_.place(); }

 private:
  JsonLines lines_;
};

/// Parquet with the columns document and summary. There may be a column id, whose values may be null.
class ParquetArticles : public ArticleReader {
 public:
  explicit ParquetArticles(const std::filesystem::path& path)
      : rows_(path), document_(rows_.choose("document")), summary_(rows_.choose("summary")) {
    if (rows_.has("id")) id_ = rows_.choose("id");
  }

  bool next(Article& article) override {
    if (!rows_.next()) return false;
    article.text.source = rows_.text(document_);
    article.text.target = rows_.text(summary_);
    article.id.clear();
    if (const auto id = id_ ? rows_.find(*id_) : std::nullopt) {
      if (id->empty()) rows_.fail_at(*id_, "expected an id, got an empty string");
      article.id = *id;
    }
    return true;
  }
  std::string place() const override { return rows_.place(); }

 private:
  ParquetRows rows_;
  std::size_t document_, summary_;
  std::optional<std::size_t> id_;
};

}  // namespace detail

/// Opens a file of articles. Its name shows whether it is Parquet, else its first bytes show which form it
/// has. InputError if it has none of these forms.
inline std::unique_ptr<ArticleReader> open_articles(const std::filesystem::path& path) {
  if (is_parquet(path)) return std::make_unique<detail::ParquetArticles>(path);
  // A .summary file without a byte is a damaged one, and not a file of no articles.
  if (form_of(path) == ".summary" || is_summary_file(head_of_text(path)))
    return std::make_unique<detail::SummaryArticle>(path);
  return std::make_unique<detail::JsonArticles>(path);
}

}  // namespace memsizer::data
