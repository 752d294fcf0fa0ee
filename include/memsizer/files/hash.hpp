#pragma once
// FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv/): for splits of data sets by id, and for keys
// and checksums of caches. It is good enough for these: two files of one user agree by chance once in 2^64,
// and a person who could forge a collision could change the data itself. Do not use it where it must
// withstand an attacker.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/files/descriptor.hpp"

namespace memsizer::files {

/// A hash that is computed in pieces. Only the order of the bytes matters, not their division into pieces.
class Fnv1a {
 public:
  constexpr Fnv1a& update(std::string_view bytes) {
    for (const char byte : bytes) value_ = (value_ ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
    return *this;
  }
  Fnv1a& update(std::span<const std::byte> bytes) {
    return update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325u;
};

/// The FNV-1a of a text, such as the id of an example.
constexpr std::uint64_t hash_text(std::string_view bytes) {
  return Fnv1a().update(bytes).value();
}

/// The hash of a file's bytes as stored on the disk.
inline std::uint64_t hash_file(const std::filesystem::path& path) {
  const Descriptor file = open_for_reading(path);
  std::vector<char> block(1 << 18);
  Fnv1a hash;
  while (const Index count = file.read(block.data(), static_cast<Index>(block.size())))
    hash.update({block.data(), static_cast<size_t>(count)});
  return hash.value();
}

/// A hash as 16 hexadecimal digits, for names and JSON.
inline std::string hash_digits(std::uint64_t hash) {
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; hash >>= 4) text[i] = "0123456789abcdef"[hash & 15];
  return text;
}

/// The digits of a file's hash.
inline std::string file_digits(const std::filesystem::path& path) {
  return hash_digits(hash_file(path));
}

}  // namespace memsizer::files
