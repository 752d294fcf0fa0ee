#pragma once
// The reader of Parquet. Apache Arrow's libraries are not built for libFuzzer, so it changes bytes without
// seeing which code of theirs they reach, and a sanitizer sees their faults only where they crash.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/data/parquet_rows.hpp"

#include "fuzz/memory_file.hpp"
#include "fuzz/target.hpp"

namespace fuzz {

/// The values of the column `text`.
inline std::vector<std::optional<std::string>> texts_of(const MemoryFile& file) {
  memsizer::data::ParquetRows rows(file.path());
  const std::size_t text = rows.choose("text");
  std::vector<std::optional<std::string>> values;
  while (rows.next()) {
    const auto value = rows.find(text);
    values.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
    expect(!value || !memsizer::text::find_invalid_utf8(*value), "text in UTF-8");
  }
  return values;
}

inline void read_parquet(std::string_view bytes) {
  const MemoryFile file(bytes);
  expect(texts_of(file) == texts_of(file), "the same rows again");
}

inline const std::vector<NamedTarget>& parquet_targets() {
  static const std::vector<NamedTarget> targets{{"parquet", read_parquet}};
  return targets;
}

}  // namespace fuzz
