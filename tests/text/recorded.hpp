#pragma once
// Recorded results of Hugging Face's tokenizers (tests/text/oracle).

#include <bit>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/files/hash.hpp"
#include "memsizer/files/json.hpp"
#include "memsizer/text/token_id.hpp"

#include "source_folder.hpp"

namespace recorded {

using memsizer::text::TokenId;

inline std::filesystem::path path(std::string_view name) {
  return memsizer::test::source_folder() / "tests/text/oracle" / name;
}

inline memsizer::files::Json read(std::string_view name) {
  return memsizer::files::read_json(path(name));
}

/// The FNV-1a hash of 32-bit words, low byte first, as in oracle/hugging_face.py.
class WordHash {
 public:
  void add(std::uint32_t word) {
    char bytes[4];
    for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(word >> (8 * i) & 0xFF);
    hash_.update(std::string_view(bytes, 4));
  }
  /// One call for all ids, since tests are compiled without optimisation. The low byte of an id comes first
  /// on every machine that this project knows.
  void add_line(const std::vector<TokenId>& ids) {
    static_assert(std::endian::native == std::endian::little);
    hash_.update(std::as_bytes(std::span(ids)));
    add(0xFFFFFFFF);
  }
  std::string text() const { return memsizer::files::hash_digits(hash_.value()); }

 private:
  memsizer::files::Fnv1a hash_;
};

}  // namespace recorded
