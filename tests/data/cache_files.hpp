#pragma once
// Caches of ids that a test writes by hand.

#include <filesystem>
#include <vector>

#include "memsizer/data/id_cache.hpp"

inline constexpr memsizer::data::TextCounts counts{100, 20, 3};

inline void write_cache(const std::filesystem::path& path, const memsizer::data::IdCacheKey& key,
                        const std::vector<memsizer::data::TokenId>& ids) {
  memsizer::data::IdCacheWriter writer(path, key);
  writer.add(std::span(ids).first(ids.size() / 2));
  writer.add(std::span(ids).subspan(ids.size() / 2));
  writer.commit(counts);
}

inline std::vector<memsizer::data::TokenId> all_ids(const memsizer::data::TokenIds& ids) {
  std::vector<memsizer::data::TokenId> all(static_cast<std::size_t>(ids.size()));
  ids.read(0, all);
  return all;
}
