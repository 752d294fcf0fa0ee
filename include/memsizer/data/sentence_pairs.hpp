#pragma once
// Text for translation: pairs of a sentence and its translation, one after another, whatever the form of
// their files.

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/data/pair_files.hpp"
#include "memsizer/data/pair_reader.hpp"
#include "memsizer/data/splits.hpp"

namespace memsizer::data {

/// The pairs of a split. It holds one pair in memory. Example:
///
///     PairStream pairs = data.open(Split::train);
///     for (SentencePair pair; pairs.next(pair);) use(pair);
class PairStream {
 public:
  /// The files are opened one after another. `name` is what an error calls the whole.
  PairStream(std::vector<PairFiles> files, Languages languages, std::string name)
      : files_(std::move(files)), languages_(std::move(languages)), name_(std::move(name)) {}

  /// Puts the next pair into `pair`; its sentences are exactly the text of the files, and may be empty.
  /// Returns false at the end. InputError for a file that cannot be read, for files that are not aligned, and
  /// if there is no pair at all.
  bool next(SentencePair& pair) {
    while (true) {
      if (reader_ && reader_->next(pair)) {
        ++count_;
        return true;
      }
      if (opened_ == files_.size()) break;
      reader_ = open_pairs(files_[opened_++], languages_);
    }
    require(count_ > 0, name_, " is empty");
    return false;
  }

  /// The number of pairs read.
  Index count() const { return count_; }

 private:
  std::vector<PairFiles> files_;
  Languages languages_;
  std::string name_;
  std::unique_ptr<PairReader> reader_;
  std::size_t opened_ = 0;
  Index count_ = 0;
};

class SentencePairs {
 public:
  /// `data` is a folder or a file as in find_pair_files. No file is opened, so a damaged split does not
  /// prevent the use of another. InputError if there are no pairs of these languages.
  explicit SentencePairs(const std::filesystem::path& data, const Languages& languages = {})
      : data_(data), languages_(languages), pairs_(find_pair_files(data, languages)) {
    for (const auto& [split, pairs] : pairs_)
      for (const FoundPair& pair : pairs) names_[split].push_back(pair.files.source);
  }

  const std::filesystem::path& path() const { return data_; }
  const Languages& languages() const { return languages_; }
  bool has(Split split) const { return pairs_.contains(split); }
  /// How the files are read (encoded_pairs.hpp).
  std::string reading(Split) const {
    return concatenate("pairs ", languages_.source, ' ', languages_.target);
  }

  /// The pairs of files of a split. InputError that lists the splits found if this one is absent, if a file
  /// has no translation beside it, or if a file does not begin like text.
  std::vector<PairFiles> pairs(Split split) const {
    files_of_split(names_, split, data_);
    std::vector<PairFiles> pairs;
    for (const FoundPair& pair : pairs_.at(split)) {
      require(pair.lacks.empty(), pair.lacks);
      open_pairs(pair.files, languages_);
      pairs.push_back(pair.files);
    }
    return pairs;
  }

  /// All files of a split. InputError as in pairs().
  std::vector<std::filesystem::path> files(Split split) const {
    std::vector<std::filesystem::path> files;
    for (const PairFiles& pair : pairs(split)) {
      files.push_back(pair.source);
      if (!pair.target.empty()) files.push_back(pair.target);
    }
    return files;
  }

  /// InputError as in pairs().
  PairStream open(Split split) const {
    return PairStream(pairs(split), languages_,
                      concatenate(data_.string(), ": the ", split_name(split), " split"));
  }

 private:
  std::filesystem::path data_;
  Languages languages_;
  SplitPairs pairs_;
  SplitFiles names_;  // of the sources, for errors
};

}  // namespace memsizer::data
