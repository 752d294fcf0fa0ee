#pragma once
// Finds the files of a data set of articles and summaries, such as XSum, by their names.
//
//     bbc-summary-data/29750031.summary, ..             XSum's archive, an article a file, and beside it
//     XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json          its official split (article_splits.hpp)
//     train.jsonl, validation.jsonl                     lines of JSON, a split in the name
//     train-00000-of-00001.parquet                      Parquet, the same
//
// Each of them but Parquet may be compressed: 29750031.summary.gz, train.jsonl.zst.

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memsizer/data/article_splits.hpp"
#include "memsizer/data/missing_examples.hpp"
#include "memsizer/data/splits.hpp"

namespace memsizer::data {

/// The files of one split: names, since the paths of 204,045 files would take 100 MB.
struct ArticleFiles {
  std::filesystem::path folder;    ///< of the data set
  std::vector<std::string> names;  ///< of files in the folder or below; empty if the split is not there
  MissingExamples missing = {};

  std::filesystem::path path(std::size_t file) const { return folder / names[file]; }
};

using SplitArticles = std::map<Split, ArticleFiles>;

namespace detail {

/// What a folder holds.
struct ArticleFolder {
  std::unordered_map<std::string, std::string> summaries;  // the names of .summary files by ids
  std::optional<std::string> split_list;
};

inline ArticleFolder list_article_folder(const std::filesystem::path& folder) {
  ArticleFolder found;
  for_each_file_below(folder, [&](const std::filesystem::path& file) {
    std::string name = file.string();
    if (form_of(file) == ".summary") {
      const auto [place, is_new] =
          found.summaries.emplace(uncompressed_name(file).stem().string(), std::move(name));
      require(is_new, "the same data twice: ", (folder / place->second).string(), " and ",
              (folder / file).string());
    } else if (is_split_list(file)) {
      require(!found.split_list, "the same data twice: ", (folder / found.split_list.value_or("")).string(),
              " and ", (folder / file).string());
      found.split_list = std::move(name);
    }
  });
  return found;
}

/// The archive's files by the official split.
inline SplitArticles split_summaries(const std::filesystem::path& folder, const ArticleFolder& found) {
  SplitArticles splits;
  for (const auto& [split, ids] : read_article_splits(folder / *found.split_list)) {
    ArticleFiles& files = splits[split];
    files.folder = folder;
    for (const std::string& id : ids) {
      const auto file = found.summaries.find(id);
      if (file != found.summaries.end())
        files.names.push_back(file->second);
      else if (++files.missing.count == 1)
        files.missing.first = id;
    }
  }
  return splits;
}

/// Whether a file with this name may hold articles.
inline bool may_hold_articles(const std::filesystem::path& file) {
  const std::string form = form_of(file);
  return (form == ".jsonl" || form == ".ndjson" || form == ".json" || form == ".parquet" ||
          form == ".summary") &&
         !is_split_list(file);
}

/// Adds the files whose names tell their split. InputError if the split is there already, or in two forms.
inline void add_named_files(const SplitFiles& named, const std::filesystem::path& folder,
                            SplitArticles& splits) {
  for (const auto& [split, paths] : named) {
    ArticleFiles& files = splits[split];
    const std::filesystem::path first = files.names.empty() ? paths[0] : files.path(0);
    files.folder = folder;
    files.missing = {};
    for (const auto& path : paths) {
      require(form_of(path) == form_of(first), "the ", split_name(split),
              " split is there twice: ", first.string(), " and ", path.string(), "; keep one of them");
      files.names.push_back(folder.empty() ? path.string() : path.lexically_relative(folder).string());
    }
  }
}

inline SplitArticles find_articles_below(const std::filesystem::path& folder) {
  const ArticleFolder found = list_article_folder(folder);
  SplitArticles splits;
  if (found.split_list) splits = split_summaries(folder, found);
  add_named_files(find_split_files(folder,
                                   [&](const std::filesystem::path& file) {
                                     const bool is_listed = found.split_list && form_of(file) == ".summary";
                                     return !is_listed && may_hold_articles(file);
                                   }),
                  folder, splits);
  const bool is_there =
      std::ranges::any_of(splits, [](const auto& one) { return !one.second.names.empty(); });
  require(is_there || !found.split_list, folder.string(), ": expected the articles that ",
          found.split_list.value_or(""), " names, such as ", splits[Split::train].missing.first,
          ".summary, found none of them");
  require(is_there || found.summaries.empty(), folder.string(),
          ": expected the split file XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json with ", found.summaries.size(),
          " .summary files, found none");
  require(is_there, folder.string(),
          ": expected files such as train.jsonl or train.parquet, with train, validation or test in their "
          "names, or XSum's "
          "archive, found none");
  return splits;
}

}  // namespace detail

/// The files of each split. In a folder, .summary files belong to the split of their ids in the official
/// split file, which must be there; in an archive of which a part is missing, a split is what is there of it,
/// and `missing` counts the rest. Any other file belongs to the split that a word of its name gives, or the
/// nearest folder's name (splits.hpp). A single file is the split that its name gives, or else train.
/// InputError if there is no data, or if a split is there twice.
inline SplitArticles find_article_files(const std::filesystem::path& data) {
  if (std::filesystem::is_directory(data)) return detail::find_articles_below(data);
  SplitArticles splits;
  detail::add_named_files(find_split_files(data, [](const auto&) { return true; }), {}, splits);
  return splits;
}

}  // namespace memsizer::data
