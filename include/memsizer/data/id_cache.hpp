#pragma once
// The ids of a text in a file, so that a text is encoded once. Layout: the ids (16 or 32 bits each), then a
// footer that records their origin and checksums of the ids and of the footer. A file that is damaged or has
// another layout is refused.

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <type_traits>
#include <vector>

#include "memsizer/data/text_scanner.hpp"
#include "memsizer/data/token_ids.hpp"
#include "memsizer/files/atomic_file.hpp"
#include "memsizer/files/hash.hpp"

namespace memsizer::data {

/// The origin of ids: hashes of the tokenizer and of the data, and the number of ids that the tokenizer has.
struct IdCacheKey {
  std::uint64_t tokenizer = 0, data = 0;
  Index vocab_size = 0;

  /// The name of the cache file in its folder.
  std::string file_name() const {
    return concatenate("ids-", files::hash_digits(tokenizer), '-', files::hash_digits(data), ".cache");
  }
};

namespace detail {

struct IdCacheFooter {
  std::array<char, 8> magic{'M', 'E', 'M', 'S', 'I', 'D', 'S', '\n'};
  std::uint32_t version = 1, id_bytes = 0;
  std::uint64_t tokenizer = 0, data = 0;
  Index vocab_size = 0, tokens = 0, bytes = 0, words = 0, lines = 0;
  std::uint64_t ids_checksum = 0, footer_checksum = 0;  // the last is over all fields before it

  std::string_view bytes_before_checksum() const {
    return {reinterpret_cast<const char*>(this), sizeof *this - sizeof footer_checksum};
  }
};
static_assert(std::has_unique_object_representations_v<IdCacheFooter>, "written as it lies in memory");

inline std::uint32_t id_bytes(Index vocab_size) {
  return vocab_size <= Index{std::numeric_limits<std::uint16_t>::max()} + 1 ? 2 : 4;
}

}  // namespace detail

/// Writes a cache file, which gets its name only when it is complete.
class IdCacheWriter {
 public:
  IdCacheWriter(const std::filesystem::path& path, const IdCacheKey& key) : file_(path) {
    footer_.id_bytes = detail::id_bytes(key.vocab_size);
    footer_.tokenizer = key.tokenizer;
    footer_.data = key.data;
    footer_.vocab_size = key.vocab_size;
  }

  /// Appends the next ids. InputError if one is outside the vocabulary, SystemError if the disk is full.
  void add(std::span<const TokenId> ids) {
    for (const TokenId id : ids)
      require(id >= 0 && id < footer_.vocab_size, "the id ", id, " is not in the vocabulary of ",
              footer_.vocab_size);
    footer_.tokens += static_cast<Index>(ids.size());
    if (footer_.id_bytes == 4) return write(std::as_bytes(ids));
    const std::vector<std::uint16_t> narrow(ids.begin(), ids.end());
    write(std::as_bytes(std::span(narrow)));
  }

  void commit(const TextCounts& counts) {
    footer_.bytes = counts.bytes;
    footer_.words = counts.words;
    footer_.lines = counts.lines;
    footer_.ids_checksum = hash_.value();
    footer_.footer_checksum = files::hash_text(footer_.bytes_before_checksum());
    file_.write(std::as_bytes(std::span(&footer_, 1)));
    file_.commit();
  }

 private:
  void write(std::span<const std::byte> bytes) {
    hash_.update(bytes);
    file_.write(bytes);
  }

  files::AtomicFile file_;
  files::Fnv1a hash_;
  detail::IdCacheFooter footer_;
};

/// The ids of a cache file, read on request.
class CachedIds : public TokenIds {
 public:
  /// InputError, with the reason, if the file is absent, damaged, or was made from something else. Reads the
  /// whole file once to check it.
  CachedIds(const std::filesystem::path& path, const IdCacheKey& key) : file_(files::open_for_reading(path)) {
    read_footer();
    const bool same = footer_.tokenizer == key.tokenizer && footer_.data == key.data &&
                      footer_.vocab_size == key.vocab_size;
    check(same, "it was made with another tokenizer or other data");
    check_ids();
  }

  Index size() const override { return footer_.tokens; }
  TextCounts counts() const { return {footer_.bytes, footer_.words, footer_.lines}; }

 private:
  template <class... Parts>
  void check(bool condition, const Parts&... parts) const {
    // native() and not string(): no copy of the path for each id.
    require(condition, "the id cache ", file_.path().native(), " cannot be used: ", parts...);
  }

  void read_footer() {
    constexpr Index footer_bytes = sizeof(detail::IdCacheFooter);
    const Index file_bytes = file_.status().st_size;
    check(file_bytes >= footer_bytes, "it is cut off");
    std::array<char, footer_bytes> bytes;
    check(file_.read_at(file_bytes - footer_bytes, bytes.data(), footer_bytes) == footer_bytes,
          "it is cut off");
    std::memcpy(&footer_, bytes.data(), bytes.size());
    const detail::IdCacheFooter expected;
    check(footer_.magic == expected.magic, "it is cut off or not an id cache");
    check(footer_.version == expected.version, "it has version ", footer_.version, ", expected ",
          expected.version);
    check(footer_.footer_checksum == files::hash_text(footer_.bytes_before_checksum()), "it is damaged");
    check(footer_.id_bytes == detail::id_bytes(footer_.vocab_size) && footer_.tokens >= 0 &&
              footer_.tokens == (file_bytes - footer_bytes) / footer_.id_bytes &&
              (file_bytes - footer_bytes) % footer_.id_bytes == 0,
          "its size does not fit its ids");
  }

  void check_ids() const {
    files::Fnv1a hash;
    std::vector<char> block(1 << 18);
    for (Index begin = 0, end = footer_.tokens * footer_.id_bytes; begin < end;) {
      const Index count = std::min(static_cast<Index>(block.size()), end - begin);
      check(file_.read_at(begin, block.data(), count) == count, "it is cut off");
      hash.update({block.data(), static_cast<size_t>(count)});
      begin += count;
    }
    check(hash.value() == footer_.ids_checksum, "it is damaged");
  }

  /// The file may change after the check, so we never return an id that would be outside an embedding.
  void copy(Index begin, std::span<TokenId> ids) const override {
    if (footer_.id_bytes == 4)
      read_ids(begin, ids);
    else {
      std::vector<std::uint16_t> narrow(ids.size());
      read_ids(begin, std::span(narrow));
      std::copy(narrow.begin(), narrow.end(), ids.begin());
    }
    for (const TokenId id : ids) check(id >= 0 && id < footer_.vocab_size, "it was changed while in use");
  }

  template <class Stored>
  void read_ids(Index begin, std::span<Stored> ids) const {
    const Index bytes = static_cast<Index>(ids.size_bytes());
    const Index count = file_.read_at(begin * footer_.id_bytes, reinterpret_cast<char*>(ids.data()), bytes);
    check(count == bytes, "it was cut off while in use");
  }

  files::Descriptor file_;
  detail::IdCacheFooter footer_;
};

}  // namespace memsizer::data
