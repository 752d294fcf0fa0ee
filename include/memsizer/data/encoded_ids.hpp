#pragma once
// The ids of a text that was encoded before come from the cache; else the text is encoded and its ids are put
// there.

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/base/thread_pool.hpp"
#include "memsizer/data/id_cache.hpp"
#include "memsizer/text/tokenizer.hpp"
#include "memsizer/text/tokenizer_json.hpp"

namespace memsizer::data {

struct EncodedText {
  std::unique_ptr<TokenIds> ids;
  TextCounts counts;       ///< of the text before encoding
  std::uint64_t hash = 0;  ///< of its files as they lie on the disk
};

struct EncodeCache {
  std::filesystem::path folder = {};                  ///< created if absent; empty: keep the ids in memory
  std::function<void(const std::string&)> tell = {};  ///< takes what the user should know, a line at a time
  ThreadPool* threads = nullptr;                      ///< encode the text; null: the calling thread does
};

/// The folder of the id caches: the one that MEMSIZER_CACHE names, or else the run's own.
inline std::filesystem::path cache_folder(const std::filesystem::path& run) {
  const char* named = std::getenv("MEMSIZER_CACHE");
  return named && *named ? std::filesystem::path(named) : run;
}

/// The hash of a split's files as stored on the disk.
inline std::uint64_t hash_of_files(const std::vector<std::filesystem::path>& files) {
  files::Fnv1a hash;
  for (const auto& file : files) hash.update(files::file_digits(file));
  return hash.value();
}

/// The key of what a tokenizer makes of data with this hash. It depends on the tokenizer's whole definition.
inline IdCacheKey cache_key(const text::Tokenizer& tokenizer, std::uint64_t data) {
  return {files::hash_text(text::dump_tokenizer_json(tokenizer)), data, tokenizer.vocab_size()};
}

namespace detail {

template <class Encode>
EncodedText encode_in_memory(std::uint64_t hash, Encode& encode) {
  std::vector<TokenId> all;
  const TextCounts counts =
      encode([&](const std::vector<TokenId>& ids) { all.insert(all.end(), ids.begin(), ids.end()); });
  return {std::make_unique<IdsInMemory>(std::move(all)), counts, hash};
}

/// InputError if the cache cannot be used.
inline EncodedText open_cache(const std::filesystem::path& path, const IdCacheKey& key) {
  auto ids = std::make_unique<CachedIds>(path, key);
  const TextCounts counts = ids->counts();
  return {std::move(ids), counts, key.data};
}

inline std::optional<EncodedText> read_cache(const std::filesystem::path& path, const IdCacheKey& key,
                                             const EncodeCache& cache) {
  std::error_code absent;
  if (!std::filesystem::exists(path, absent)) return std::nullopt;
  try {
    return open_cache(path, key);
  } catch (const Error& error) {
    if (cache.tell) cache.tell(concatenate(error.what(), "; it is made anew"));
    return std::nullopt;
  }
}

/// Nothing if the cache cannot be created, for example in a read-only folder.
inline std::unique_ptr<IdCacheWriter> create_cache(const std::filesystem::path& path, const IdCacheKey& key,
                                                   const EncodeCache& cache) {
  try {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    return std::make_unique<IdCacheWriter>(path, key);
  } catch (const Error& error) {
    if (cache.tell) cache.tell(concatenate(error.what(), "; the ids are kept in memory"));
    return nullptr;
  }
}

}  // namespace detail

/// The ids for a key. If the cache does not have them, `encode(use)` is called: it calls use(ids) for the ids
/// of the text, piece by piece, and returns the counts of the text. If a cache is damaged or was made from
/// something else, we report it and make it anew.
template <class Encode>
EncodedText encode_once(const IdCacheKey& key, const EncodeCache& cache, Encode encode) {
  if (cache.folder.empty()) return detail::encode_in_memory(key.data, encode);
  const std::filesystem::path path = cache.folder / key.file_name();
  if (auto cached = detail::read_cache(path, key, cache)) return std::move(*cached);
  const auto writer = detail::create_cache(path, key, cache);
  if (!writer) return detail::encode_in_memory(key.data, encode);
  writer->commit(encode([&](const std::vector<TokenId>& ids) { writer->add(ids); }));
  return detail::open_cache(path, key);
}

}  // namespace memsizer::data
