#pragma once
// Every command reads text through this class, so that a file is text for all of them or for none.

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>

#include "memsizer/files/byte_stream.hpp"

namespace memsizer::files {

namespace detail {

/// Formats that a user may give by mistake instead of text.
struct ForeignFormat {
  std::string_view magic, name, advice;
};

constexpr std::string_view unpack = "unpack it first", convert = "`iconv -f UTF-16 -t UTF-8` converts it";

constexpr std::array foreign_formats{
    ForeignFormat{"PAR1", "a Parquet file",
                  "which is read as data only, uncompressed and with a name that ends in .parquet"},
    ForeignFormat{"PK\x03\x04", "a zip archive", unpack},
    ForeignFormat{"PK\x05\x06", "a zip archive", unpack},
    ForeignFormat{"\xFD"
                  "7zXZ",
                  "xz data", unpack},
    ForeignFormat{"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", unpack},
    ForeignFormat{"BZh", "bzip2 data", unpack},
    ForeignFormat{"\x04\x22\x4D\x18", "lz4 data", unpack},
    ForeignFormat{"ARROW1", "an Arrow file", "which cannot be read"},
    ForeignFormat{"\x89HDF", "an HDF5 file", "which cannot be read"},
    ForeignFormat{"%PDF-", "a PDF file", "extract its text first"},
    ForeignFormat{"\xFF\xFE", "UTF-16", convert},
    ForeignFormat{"\xFE\xFF", "UTF-16", convert}};

/// Whether a quarter of the bytes or more are zero. In UTF-16 without a byte-order mark about half of the
/// bytes are zero, in UTF-32 three quarters; a text may have a few zeros.
inline bool is_full_of_zeros(std::string_view head) {
  constexpr std::size_t enough = 8;
  return head.size() >= enough && 4 * static_cast<std::size_t>(std::ranges::count(head, '\0')) > head.size();
}

}  // namespace detail

/// InputError if a file that begins with `head` (512 bytes or all of it) is not text but has another format,
/// such as Parquet, an archive or UTF-16. The error says which format, and what to do. This does not look for
/// single damaged bytes.
inline void require_text(std::string_view head, const std::filesystem::path& file) {
  for (const detail::ForeignFormat& format : detail::foreign_formats)
    require(!head.starts_with(format.magic), file.string(), ": expected text, got ", format.name, ", ",
            format.advice);
  require(head.size() < 263 || head.substr(257, 5) != "ustar", file.string(),
          ": expected text, got a tar archive, ", detail::unpack);
  require(!detail::is_full_of_zeros(head), file.string(),
          ": expected text, got bytes of which many are zero; if it is UTF-16, ", detail::convert);
}

/// The bytes of a text file, plain, gzip or Zstandard; "-" is standard input.
class TextStream {
 public:
  /// InputError as in ByteStream and require_text.
  explicit TextStream(const std::filesystem::path& path) : stream_(path) {
    // We read up to the end of the first line, so that a person who types a line need not type more.
    std::size_t size = 0;
    while (const Index count = stream_.read_some(std::span(head_).subspan(size))) {
      size += static_cast<std::size_t>(count);
      if (std::ranges::count(std::span(head_).first(size), '\n') > 0) break;
    }
    rest_ = {head_.data(), size};
    require_text(rest_, stream_.path());
  }
  TextStream(const TextStream&) = delete;

  /// The name for errors: the path, or "standard input".
  const std::filesystem::path& path() const { return stream_.path(); }

  /// As in ByteStream.
  Index read(std::span<char> bytes) {
    const Index begun = take_head(bytes);
    return begun + stream_.read(bytes.subspan(static_cast<std::size_t>(begun)));
  }
  Index read_some(std::span<char> bytes) {
    return rest_.empty() ? stream_.read_some(bytes) : take_head(bytes);
  }
  bool would_wait() const { return rest_.empty() && stream_.would_wait(); }

 private:
  Index take_head(std::span<char> bytes) {
    const std::string_view begun = rest_.substr(0, bytes.size());
    std::ranges::copy(begun, bytes.begin());
    rest_.remove_prefix(begun.size());
    return static_cast<Index>(begun.size());
  }

  ByteStream stream_;
  std::array<char, 512> head_;
  std::string_view rest_;  // the part of the head that was not handed out yet
};

}  // namespace memsizer::files
