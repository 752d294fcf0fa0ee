#pragma once
// Text for language modelling: WikiText in the form of its archives (.tokens, .raw) or as Parquet, and plain
// text in the same form. A split's text is the exact bytes of its files, one after another. The rows of
// Parquet give the bytes that the archive has.

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/data/parquet_rows.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/data/text_blocks.hpp"
#include "memsizer/files/text_stream.hpp"

namespace memsizer::data {

namespace detail {

inline SplitFiles find_forms(const std::filesystem::path& data, const std::set<std::string>& forms) {
  return find_split_files(data, [&](const auto& file) { return forms.contains(form_of(file)); });
}

/// Text that we cannot read, though its name shows the format: another compression.
inline SplitFiles find_unread_files(const std::filesystem::path& data, const std::set<std::string>& forms) {
  const std::set<std::string> packed{".zip", ".xz", ".bz2"};
  return find_split_files(data, [&](const auto& file) {
    return packed.contains(files::ending_of(file)) && forms.contains(form_of(file.stem()));
  });
}

/// InputError if a split has files of different forms, since they may be the same text in two forms.
inline void require_one_form_a_split(const std::filesystem::path& data, const SplitFiles& splits) {
  for (const auto& [split, files] : splits)
    for (const auto& file : files)
      require(form_of(file) == form_of(files[0]), data.string(), ": the ", split_name(split),
              " split is there twice: ", files[0].string(), " and ", file.string(), "; keep one of them");
}

/// The splits of a folder, by names alone, whatever form of text each has. .raw is ignored if .tokens has all
/// its splits, for example when both archives of WikiText-2 were unpacked into one folder. If a split exists
/// only in a form that we cannot read, it is listed, and refused by name when it is used.
inline SplitFiles find_text_files(const std::filesystem::path& data) {
  std::set<std::string> forms{".tokens", ".raw", ".txt", ".parquet"};
  const SplitFiles tokens = find_forms(data, {".tokens"}), raw = find_forms(data, {".raw"});
  if (std::ranges::all_of(raw, [&](const auto& entry) { return tokens.contains(entry.first); }))
    forms.erase(".raw");
  SplitFiles splits = find_forms(data, forms);
  require_one_form_a_split(data, splits);
  if (splits.size() < 3) splits.merge(find_unread_files(data, forms));
  require(!splits.empty(), data.string(),
          ": expected .tokens, .raw or .txt files (or .gz, .zst of these) or .parquet files with train, "
          "validation or test in their names, found none");
  return splits;
}

}  // namespace detail

class WikiText {
 public:
  /// `data` is a folder, or a single file, which is the split that its name gives, or else train. No file is
  /// opened, so a damaged split does not prevent the use of another. InputError if there is no text.
  explicit WikiText(const std::filesystem::path& data) : data_(data), files_(detail::find_text_files(data)) {}

  const std::filesystem::path& path() const { return data_; }
  bool has(Split split) const { return files_.count(split) != 0; }

  /// InputError that lists the splits found if this one is absent; InputError if a file does not begin like
  /// text or is no Parquet file with a column of text.
  const std::vector<std::filesystem::path>& files(Split split) const {
    const auto& files = files_of_split(files_, split, data_);
    for (const auto& file : files)
      if (is_parquet(file))
        ParquetRows(file).choose("text");
      else
        files::TextStream(file).path();
    return files;
  }

  /// InputError as of files(split).
  TextBlocks open(Split split) const {
    return TextBlocks(files(split), concatenate(data_.string(), ": the ", split_name(split), " split"));
  }

  /// Calls use(block) for each block of open(split), and returns the counts of the text.
  template <class Use>
  TextCounts for_each_block(Split split, Use&& use) const {
    TextBlocks blocks = open(split);
    for (std::string_view block = blocks.next(); !block.empty(); block = blocks.next()) use(block);
    return blocks.finish();
  }

  TextCounts count(Split split) const {
    return for_each_block(split, [](std::string_view) {});
  }

 private:
  std::filesystem::path data_;
  SplitFiles files_;
};

}  // namespace memsizer::data
