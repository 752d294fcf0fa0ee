#pragma once
// The parts of data that were exported in parts, such as train-00000-of-00003.parquet. Which of them are not
// there is known by the names of those that are.

#include <cctype>
#include <compare>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/base/checked.hpp"

namespace memsizer::data {

/// Shards that are not there: how many of how many, and the name of the first.
struct MissingShards {
  Index count = 0, of = 0;
  std::string first = {};

  bool operator==(const MissingShards&) const = default;
};

namespace detail {

/// The names of the shards of one whole: train-00000-of-00003.parquet and those that differ in the number.
struct ShardNames {
  std::filesystem::path before;  // data/train-
  std::string total, after;      // 00003, .parquet

  auto operator<=>(const ShardNames&) const = default;

  std::string name_of(Index number) const {
    std::string digits = std::to_string(number);
    digits.insert(0, total.size() - digits.size(), '0');
    return before.filename().string() + digits + "-of-" + total + after;
  }
};

/// A shard by its file's name.
struct Shard {
  ShardNames names;
  Index number;
};

/// Nothing if the name is not that of a shard, whose numbers have equally many digits.
inline std::optional<Shard> read_shard(const std::filesystem::path& file) {
  constexpr std::string_view between = "-of-";
  constexpr std::size_t most_digits = 9;
  const std::string name = file.filename().string();
  const auto is_digit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(name[i])) != 0; };
  const std::size_t middle = name.find(between);
  if (middle == name.npos) return std::nullopt;
  std::size_t begin = middle, end = middle + between.size();
  while (begin > 0 && is_digit(begin - 1)) --begin;
  while (end < name.size() && is_digit(end)) ++end;
  const std::string number = name.substr(begin, middle - begin);
  const std::string total = name.substr(middle + between.size(), end - middle - between.size());
  if (number.empty() || number.size() != total.size() || total.size() > most_digits || number >= total)
    return std::nullopt;
  return Shard{{file.parent_path() / name.substr(0, begin), total, name.substr(end)}, std::stoll(number)};
}

}  // namespace detail

/// The shards that belong to these files and are not among them.
inline MissingShards missing_shards(const std::vector<std::filesystem::path>& files) {
  std::map<detail::ShardNames, std::set<Index>> there;
  for (const auto& file : files)
    if (const auto shard = detail::read_shard(file)) there[shard->names].insert(shard->number);
  MissingShards missing;
  for (const auto& [names, numbers] : there) {
    const Index total = std::stoll(names.total), count = total - static_cast<Index>(numbers.size());
    missing.of += total;
    missing.count += count;
    if (count == 0 || !missing.first.empty()) continue;
    Index first = 0;
    while (numbers.contains(first)) ++first;
    missing.first = names.name_of(first);
  }
  return missing;
}

}  // namespace memsizer::data
