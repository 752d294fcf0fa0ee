#pragma once
// Finds the files of a data set of translations by their names, and which of them belong together.
//
//     train.en, train.de                                  lines, a file a language
//     europarl-v7.de-en.de, europarl-v7.de-en.en          the same in WMT's archives
//     newstest2016-deen-src.de.sgm, ...-ref.en.sgm        SGML
//     train.jsonl, train-00000-of-00003.parquet           both languages in a file
//
// Each of them but Parquet may be compressed: train.en.gz, train.jsonl.zst.

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "memsizer/data/language_codes.hpp"
#include "memsizer/data/pair_reader.hpp"
#include "memsizer/data/side_name.hpp"
#include "memsizer/data/splits.hpp"

namespace memsizer::data {

/// Files that belong together. If there is none for one side, `lacks` says what was expected.
struct FoundPair {
  PairFiles files;
  std::string lacks = {};
};

using SplitPairs = std::map<Split, std::vector<FoundPair>>;

namespace detail {

/// Whether a file with this name may hold pairs.
inline bool holds_both_languages(const std::filesystem::path& file) {
  const std::string form = form_of(file);
  return form == ".jsonl" || form == ".ndjson" || form == ".json" || form == ".parquet";
}

inline bool holds_one_language(const std::filesystem::path& file, const Languages& languages) {
  const auto side = read_side_name(file);
  return side &&
         (same_language(side->language, languages.source) ||
          same_language(side->language, languages.target)) &&
         !tells_other_languages(*side, languages);
}

/// The split of a file of WMT16: its training corpora, newstest2015 and newstest2016. A name that tells its
/// split by a word, such as europarl.test.en, is not one of these.
inline std::optional<Split> wmt16_split(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (split_of_name(name)) return std::nullopt;
  for (const char* corpus : {"europarl", "commoncrawl", "news-commentary"})
    if (name.starts_with(corpus)) return Split::train;
  if (name.starts_with("newstest2015")) return Split::validation;
  if (name.starts_with("newstest2016")) return Split::test;
  return std::nullopt;
}

/// Whether a file is a development or test set of WMT, of whatever year: news-test2008, newstest2014.
inline bool is_news_set(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return std::ranges::any_of(std::array{"news-test", "newstest", "newsdev", "newssyscomb"},
                             [&](const char* set) { return name.starts_with(set); });
}

/// The files of one set, such as newstest2016, in both languages.
struct SetFiles {
  std::vector<std::pair<SideName, std::filesystem::path>> sources, targets;
};

/// The file among `sides` that fits best: of the direction, then of the role. InputError if two fit equally.
inline const std::filesystem::path& best_side(
    const std::vector<std::pair<SideName, std::filesystem::path>>& sides, const std::string& direction,
    std::string_view role) {
  const auto rank = [&](const SideName& side) {
    return 2 * (side.direction != direction) + (side.role != role);
  };
  const auto* best = &sides[0];
  for (const auto& one : sides)
    if (rank(one.first) < rank(best->first)) best = &one;
  for (const auto& one : sides)
    require(
        &one == best || one.first.direction != best->first.direction || one.first.role != best->first.role,
        "the same data twice: ", best->second.string(), " and ", one.second.string());
  return best->second;
}

/// The direction to take: that of the translation if both sides have it, else one that both have. WMT
/// publishes newstest2016 in the directions deen and ende, with the same sentences.
inline std::string best_direction(const SetFiles& set, const Languages& languages) {
  std::optional<std::string> found;
  for (const auto& entry : set.sources) {
    const auto& source = entry.first;
    const bool complete = std::ranges::any_of(
        set.targets, [&](const auto& target) { return target.first.direction == source.direction; });
    if (!complete) continue;
    const auto pair = read_direction(source.direction);
    if (pair && same_language(pair->first, languages.source)) return source.direction;
    if (!found) found = source.direction;
  }
  return found.value_or("");
}

inline FoundPair pair_of_set(const SetFiles& set, const Languages& languages) {
  if (set.sources.empty() || set.targets.empty()) {
    const auto& [side, path] = set.sources.empty() ? set.targets[0] : set.sources[0];
    const std::string& missing = set.sources.empty() ? languages.source : languages.target;
    return {.files = {path},
            .lacks = concatenate(path.string(),
                                 ": expected its translation beside it, in a file named alike that ends in .",
                                 missing, side.sgml ? ".sgm" : "", "; found none")};
  }
  const std::string direction = best_direction(set, languages);
  return {.files = {best_side(set.sources, direction, "src"), best_side(set.targets, direction, "ref")}};
}

/// The pairs among the files of a split, in the order of their names.
inline std::vector<FoundPair> pairs_among(const std::vector<std::filesystem::path>& files,
                                          const Languages& languages) {
  std::map<std::string, SetFiles> sets;
  std::vector<FoundPair> pairs;
  for (const auto& file : files) {
    if (!holds_one_language(file, languages)) {
      pairs.push_back({.files = {file}});
      continue;
    }
    const SideName side = *read_side_name(file);
    SetFiles& set = sets[side.set];
    (same_language(side.language, languages.source) ? set.sources : set.targets).emplace_back(side, file);
  }
  for (const auto& [name, set] : sets) pairs.push_back(pair_of_set(set, languages));
  return pairs;
}

/// InputError if a split has files of different forms, since they may be the same text in two forms.
inline void require_one_form(Split split, const std::vector<FoundPair>& pairs, const Languages& languages) {
  const auto form = [&](const std::filesystem::path& file) {
    if (!holds_one_language(file, languages)) return form_of(file);
    return std::string(read_side_name(file)->sgml ? "sgml" : "lines");
  };
  const auto& first = pairs[0].files.source;
  for (const FoundPair& pair : pairs)
    require(form(pair.files.source) == form(first), "the ", split_name(split),
            " split is there twice: ", first.string(), " and ", pair.files.source.string(),
            "; keep one of them");
}

/// The split files in a folder: those of WMT16 by their names, and others by the words in their names. Beside
/// splits of WMT16, the news of other years are none.
inline SplitFiles find_pair_files_below(const std::filesystem::path& folder, const Languages& languages) {
  const auto accepts = [&](const std::filesystem::path& file) {
    return holds_both_languages(file) || holds_one_language(file, languages);
  };
  SplitFiles splits;
  for (const auto& file : files_below(folder))
    if (const auto split = accepts(file) ? wmt16_split(file) : std::nullopt)
      splits[*split].push_back(folder / file);
  for (const auto& [split, files] : splits) require_no_file_twice(files);
  const bool is_wmt16 = !splits.empty();
  const SplitFiles others = find_split_files(folder, [&](const auto& file) {
    return accepts(file) && !wmt16_split(file) && !(is_wmt16 && is_news_set(file));
  });
  for (const auto& [split, files] : others)
    splits[split].insert(splits[split].end(), files.begin(), files.end());
  return splits;
}

/// A single file, and the files of the same set beside it.
inline SplitFiles find_pair_of_file(const std::filesystem::path& file, const Languages& languages) {
  SplitFiles splits = find_split_files(file, [](const auto&) { return true; });
  auto& [split, files] = *splits.begin();
  const Split known = wmt16_split(file).value_or(split);
  if (!holds_one_language(file, languages)) return {{known, files}};
  const std::string set = read_side_name(file.filename())->set;
  const std::filesystem::path folder = file.parent_path();
  SplitFiles found;
  for (const auto& entry : std::filesystem::directory_iterator(folder.empty() ? "." : folder)) {
    const std::filesystem::path name = entry.path().filename();
    const bool is_side = holds_one_language(name, languages) && read_side_name(name)->set == set;
    if (is_side && entry.is_regular_file()) found[known].push_back(folder / name);
  }
  std::ranges::sort(found[known]);
  require_no_file_twice(found[known]);
  return found;
}

/// For an error: the first files of pairs in a folder, of which no name gives a split.
inline std::string files_without_split(const std::filesystem::path& folder, const Languages& languages) {
  std::vector<std::string> names;
  for (const auto& file : files_below(folder))
    if (names.size() < 3 && (holds_both_languages(file) || holds_one_language(file, languages)))
      names.push_back(file.string());
  return names.empty()
             ? ""
             : "; without a split: " + join(names) + ". `evaluate --data FILE` scores a single file";
}

}  // namespace detail

/// The pairs of files of each split. In a folder, a file belongs to the split that a word of its name gives,
/// or the nearest folder's name (splits.hpp); the training corpora of WMT16, newstest2015 and newstest2016
/// are its three splits. A single file is the split that its name gives, or else train; a file of one
/// language brings its translation along. InputError if there is no data, or if a split is there twice.
inline SplitPairs find_pair_files(const std::filesystem::path& data, const Languages& languages) {
  require(!languages.source.empty() && !languages.target.empty() &&
              !same_language(languages.source, languages.target),
          "expected two languages, got \"", languages.source, "\" and \"", languages.target, '"');
  const SplitFiles files = std::filesystem::is_directory(data)
                               ? detail::find_pair_files_below(data, languages)
                               : detail::find_pair_of_file(data, languages);
  SplitPairs splits;
  for (const auto& [split, found] : files) {
    splits[split] = detail::pairs_among(found, languages);
    detail::require_one_form(split, splits[split], languages);
  }
  if (splits.empty())
    throw InputError(concatenate(
        data.string(), ": expected files such as train.", languages.source, " and train.", languages.target,
        ", SGML, train.jsonl or train.parquet, with train, validation or test in their names, found none",
        detail::files_without_split(data, languages)));
  return splits;
}

}  // namespace memsizer::data
