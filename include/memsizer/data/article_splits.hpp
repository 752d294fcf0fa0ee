#pragma once
// XSum's official split: a file of JSON that lists the ids of the articles of each split.
//
//     {"test": ["40453444", ..], "train": ["29750031", ..], "validation": ["17532613", ..]}

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "memsizer/data/splits.hpp"
#include "memsizer/files/json_view.hpp"
#include "memsizer/files/text_stream.hpp"

namespace memsizer::data {

/// The ids of each split, in the order of the file.
using SplitIds = std::map<Split, std::vector<std::string>>;

/// Whether a file's name is that of the official split, XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json, or like it.
/// The name tells several splits, so split_of_name does not take it.
inline bool is_split_list(const std::filesystem::path& file) {
  std::string name = uncompressed_name(file).filename().string();
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name.ends_with(".json") && name.find("training-dev-test-split") != name.npos;
}

namespace detail {

/// The whole text of a file, plain or compressed. InputError if it is longer than `max_bytes`.
inline std::string whole_text(const std::filesystem::path& path, Index max_bytes) {
  files::TextStream stream(path);
  std::string text;
  std::vector<char> block(1 << 16);
  while (const Index count = stream.read(block)) {
    require(static_cast<Index>(text.size()) + count <= max_bytes, path.string(), ": expected at most ",
            max_bytes, " bytes, got more");
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace detail

/// Reads such a file, plain or compressed. InputError, with the file and the place in it, unless all three
/// splits are there and hold ids that are strings, not empty, and each there once; or if the file is longer
/// than 64 MiB, which is 24 times the official one.
inline SplitIds read_article_splits(const std::filesystem::path& path) {
  const files::JsonFile file(detail::whole_text(path, Index{64} << 20), path.string());
  const files::JsonView lists = file.view();
  lists.allow_only({"train", "validation", "test"});
  SplitIds splits;
  std::unordered_map<std::string, std::pair<Split, Index>> seen;
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    std::vector<std::string>& ids = splits[split];
    const files::JsonView list = lists.at(split_name(split));
    const Index size = static_cast<Index>(list.array().size());
    for (Index i = 0; i < size; ++i) {
      const files::Json& element = list.array()[static_cast<std::size_t>(i)];
      if (!element.is_string() || element.get_ref<const std::string&>().empty())
        list.element(i).fail_type("an id, which is a string and not empty");
      const std::string& id = element.get_ref<const std::string&>();
      const auto [place, is_new] = seen.emplace(id, std::pair(split, i));
      if (!is_new)
        list.element(i).fail("expected each id once, got \"", printable(id, 60), "\", which is ",
                             split_name(place->second.first), '[', place->second.second, "] too");
      ids.push_back(id);
    }
  }
  return splits;
}

}  // namespace memsizer::data
