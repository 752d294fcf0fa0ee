#pragma once
// Text for summarization: articles with their summaries, one after another, whatever the form of their files.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "memsizer/data/article_files.hpp"
#include "memsizer/data/article_reader.hpp"
#include "memsizer/files/hash.hpp"

namespace memsizer::data {

/// The articles of a split. It holds one article in memory, and 8 bytes of each id. Example:
///
///     ArticleStream articles = data.open(Split::train);
///     for (Article article; articles.next(article);) use(article);
class ArticleStream {
 public:
  /// The files are opened one after another. `name` is what an error calls the whole.
  ArticleStream(ArticleFiles files, std::string name) : files_(std::move(files)), name_(std::move(name)) {}

  /// Puts the next article into `article`. Returns false at the end. InputError for a file that cannot be
  /// read, for an id that an article before it has, and if there is no article at all.
  bool next(Article& article) {
    while (true) {
      if (reader_ && reader_->next(article)) break;
      if (opened_ == files_.names.size()) {
        require(count_ > 0, name_, " is empty");
        return false;
      }
      reader_ = open_articles(files_.path(opened_++));
    }
    const bool is_new = article.id.empty() || ids_.insert(files::hash_text(article.id)).second;
    require(is_new, reader_->place(), ": expected each id once, got \"", printable(article.id, 60),
            "\" again");
    ++count_;
    return true;
  }

  /// The same, for those who need no id: the document is the source, its summary the target.
  bool next(TextPair& pair) {
    if (!next(article_)) return false;
    std::swap(pair, article_.text);
    return true;
  }

  /// The number of articles read.
  Index count() const { return count_; }

 private:
  ArticleFiles files_;
  std::string name_;
  std::unique_ptr<ArticleReader> reader_;
  std::size_t opened_ = 0;
  std::unordered_set<std::uint64_t> ids_;  // hashes
  Article article_;
  Index count_ = 0;
};

class Articles {
 public:
  /// `data` is a folder or a file as in find_article_files. No article is opened, so a damaged one does not
  /// prevent the use of another split. InputError if there are none.
  explicit Articles(const std::filesystem::path& data) : data_(data), splits_(find_article_files(data)) {
    for (const auto& [split, files] : splits_)
      if (!files.names.empty()) names_[split] = {files.path(0)};
  }

  const std::filesystem::path& path() const { return data_; }
  bool has(Split split) const { return names_.contains(split); }
  /// How the files are read (encoded_pairs.hpp).
  std::string reading(Split) const { return "articles"; }

  /// The articles of a split that the official split names and that are not there.
  MissingExamples missing(Split split) const {
    const auto files = splits_.find(split);
    return files == splits_.end() ? MissingExamples{} : files->second.missing;
  }

  /// All files of a split, in the order of the official split or of their names. InputError that lists the
  /// splits found if this one is absent, or if its first file does not begin like one of articles.
  std::vector<std::filesystem::path> files(Split split) const {
    const ArticleFiles& files = files_of(split);
    open_articles(files.path(0));
    std::vector<std::filesystem::path> paths;
    for (std::size_t i = 0; i < files.names.size(); ++i) paths.push_back(files.path(i));
    return paths;
  }

  /// InputError as in files().
  ArticleStream open(Split split) const {
    const ArticleFiles& files = files_of(split);
    open_articles(files.path(0));
    return ArticleStream(files, concatenate(data_.string(), ": the ", split_name(split), " split"));
  }

 private:
  const ArticleFiles& files_of(Split split) const {
    const MissingExamples lost = missing(split);
    require(has(split) || lost.count == 0, data_.string(), ": expected a ", split_name(split),
            " split, found ", list_splits(names_), "; of the ", lost.count,
            " articles that the split file names, such as ", lost.first, ".summary, none is there");
    files_of_split(names_, split, data_);
    return splits_.at(split);
  }

  std::filesystem::path data_;
  SplitArticles splits_;
  SplitFiles names_;  // the first file of each split that is there, for errors
};

}  // namespace memsizer::data
