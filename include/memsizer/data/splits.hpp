#pragma once
// Finds the training, validation and test split of a data set by words in the names of its files.

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "memsizer/base/error.hpp"
#include "memsizer/base/lists.hpp"
#include "memsizer/files/descriptor.hpp"
#include "memsizer/files/ending.hpp"

namespace memsizer::data {

enum class Split { train, validation, test };

/// The files of each split that exists, in the order of their names.
using SplitFiles = std::map<Split, std::vector<std::filesystem::path>>;

constexpr std::string_view split_name(Split split) {
  constexpr std::array<std::string_view, 3> names{"train", "validation", "test"};
  return names[static_cast<size_t>(split)];
}

/// The split that a word means: train; val, valid, validation or dev; test or eval.
inline std::optional<Split> split_of_word(std::string_view word) {
  if (word == "train") return Split::train;
  if (word == "val" || word == "valid" || word == "validation" || word == "dev") return Split::validation;
  if (word == "test" || word == "eval") return Split::test;
  return std::nullopt;
}

/// The split that a command line names; InputError for any other word.
inline Split parse_split(std::string_view word) {
  const auto split = split_of_word(word);
  require(split.has_value(), "expected a split (train, validation or test), got \"", word, "\"");
  return *split;
}

/// The split that a file or folder name gives by one of its words, which are separated by - _ . and digits.
/// Examples: wiki.train.tokens and test-00000-of-00001.parquet, but not newstest2014. InputError if the name
/// gives two splits.
inline std::optional<Split> split_of_name(std::string_view name) {
  std::optional<Split> found;
  std::string word;
  for (size_t i = 0; i <= name.size(); ++i) {
    const unsigned char c = i < name.size() ? static_cast<unsigned char>(name[i]) : '.';
    if (c != '-' && c != '_' && c != '.' && !std::isdigit(c)) {
      word += static_cast<char>(std::tolower(c));
      continue;
    }
    const auto split = split_of_word(word);
    require(!split || !found || split == found, "the name ", name, " tells two splits");
    if (split) found = split;
    word.clear();
  }
  return found;
}

/// A file's name without .gz or .zst.
inline std::filesystem::path uncompressed_name(const std::filesystem::path& file) {
  const std::string ending = files::ending_of(file);
  return ending == ".gz" || ending == ".zst" ? file.stem() : file.filename();
}

/// The ending that shows a file's contents, without .gz or .zst: ".tokens".
inline std::string form_of(const std::filesystem::path& file) {
  return files::ending_of(uncompressed_name(file));
}

namespace detail {

/// Calls use(relative path) for each file below a folder, at most three folders deep, in any order.
/// Hidden files are left out.
template <class Use>
void for_each_file_below(const std::filesystem::path& folder, Use use) {
  constexpr int max_depth = 3;
  namespace fs = std::filesystem;
  std::error_code error;
  const auto options =
      fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  fs::recursive_directory_iterator entry(folder, options, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::error_code absent;  // a dangling link
    const bool is_hidden = entry->path().filename().string().starts_with('.');
    if (is_hidden || entry.depth() == max_depth) entry.disable_recursion_pending();
    if (!is_hidden && entry->is_regular_file(absent)) use(entry->path().lexically_relative(folder));
  }
  if (error) files::throw_errno("read the folder", folder, error.value());
}

/// The files below a folder by paths relative to it.
inline std::set<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> files;
  for_each_file_below(folder, [&](std::filesystem::path file) { files.insert(std::move(file)); });
  return files;
}

/// The split of a file by its own name, or else by the nearest folder's name, with the folder that holds the
/// data set.
struct Place {
  Split split;
  std::filesystem::path root;
};

inline std::optional<Place> place_of(const std::filesystem::path& relative) {
  if (const auto split = split_of_name(relative.filename().string()))
    return Place{*split, relative.parent_path()};
  for (auto folder = relative.parent_path(); !folder.empty(); folder = folder.parent_path())
    if (const auto split = split_of_name(folder.filename().string()))
      return Place{*split, folder.parent_path()};
  return std::nullopt;
}

inline void require_no_file_twice(const std::vector<std::filesystem::path>& files) {
  std::map<std::filesystem::path, std::filesystem::path> seen;
  for (const auto& file : files) {
    const auto [place, is_new] = seen.emplace(file.parent_path() / uncompressed_name(file), file);
    require(is_new, "the same data twice: ", place->second.string(), " and ", file.string());
  }
}

}  // namespace detail

/// The split files of a data set. In a folder these are the files that `accepts` takes and whose names give a
/// split. A single file is the split that its name gives, or else train. The result is empty if there are
/// none. InputError if `data` does not exist, is a pipe or device, holds several data sets, or has a file
/// both plain and compressed.
inline SplitFiles find_split_files(const std::filesystem::path& data,
                                   const std::function<bool(const std::filesystem::path&)>& accepts) {
  std::error_code absent;
  const auto status = std::filesystem::status(data, absent);
  require(std::filesystem::exists(status) || data != "-",
          "the data -: expected a file or a folder, got standard input, and data is read more than once");
  require(std::filesystem::exists(status), "the data ", data.string(), " does not exist");
  if (!std::filesystem::is_directory(status)) {
    require(std::filesystem::is_regular_file(status), data.string(),
            ": expected a file or a folder, got a pipe or a device, and data is read more than once");
    return {{split_of_name(data.filename().string()).value_or(Split::train), {data}}};
  }
  SplitFiles splits;
  std::optional<std::filesystem::path> root;
  std::set<std::filesystem::path> accepted;  // in the order of their names
  detail::for_each_file_below(data, [&](std::filesystem::path relative) {
    if (accepts(relative)) accepted.insert(std::move(relative));
  });
  for (const auto& relative : accepted) {
    const auto place = detail::place_of(relative);
    if (!place) continue;
    if (!root) root = place->root;
    require(*root == place->root, data.string(), " holds several data sets: ", (data / *root).string(),
            " and ", (data / place->root).string(), "; name one of them");
    splits[place->split].push_back(data / relative);
  }
  for (const auto& [split, files] : splits) detail::require_no_file_twice(files);
  return splits;
}

/// The splits with their first files, for errors: "train (train-1.jsonl, ...), test (test.jsonl)", or "none".
inline std::string list_splits(const SplitFiles& splits) {
  const auto describe = [](const SplitFiles::value_type& one) {
    return concatenate(split_name(one.first), " (", one.second.front().filename().string(),
                       one.second.size() > 1 ? ", ...)" : ")");
  };
  return splits.empty() ? "none" : join(splits, ", ", describe);
}

/// The files of one split. If it is absent, InputError that lists the splits found.
inline const std::vector<std::filesystem::path>& files_of_split(const SplitFiles& splits, Split split,
                                                                const std::filesystem::path& data) {
  const auto place = splits.find(split);
  if (place != splits.end()) return place->second;
  throw InputError(
      concatenate(data.string(), ": expected a ", split_name(split), " split, found ", list_splits(splits)));
}

}  // namespace memsizer::data
