#pragma once
// The contents of a file as a stream of bytes. The file may be plain, gzip or Zstandard; its first bytes show
// which.

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "memsizer/files/ending.hpp"
#include "memsizer/files/gzip_source.hpp"
#include "memsizer/files/input_buffer.hpp"
#include "memsizer/files/zstd_source.hpp"

namespace memsizer::files {

/// by_first_bytes: what begins as gzip or Zstandard is unpacked. none: bytes are read as they are, since in a
/// file of numbers, for example, any bytes may be the first.
enum class Unpacking { by_first_bytes, none };

class ByteStream {
 public:
  /// "-" is standard input. InputError if the file cannot be opened, or if its name ends in .gz or .zst, it
  /// is to be unpacked and has another format.
  explicit ByteStream(const std::filesystem::path& path, Unpacking unpacking = Unpacking::by_first_bytes)
      : ByteStream(path, open_for_reading(path), unpacking) {}

  /// The name for errors: the path, or "standard input".
  const std::filesystem::path& path() const { return path_; }

  /// Fills all of the given bytes; returns fewer only at the end. If compressed data is corrupt or cut off,
  /// InputError with the file and the place in it.
  Index read(std::span<char> bytes) { return source_->read(bytes.data(), static_cast<Index>(bytes.size())); }

  /// Like read, but returns what a plain file has at the moment: at least one byte, unless it has ended.
  Index read_some(std::span<char> bytes) {
    return source_->read_some(bytes.data(), static_cast<Index>(bytes.size()));
  }

  /// Whether the next byte has not been written yet, for example by a person at a terminal.
  bool would_wait() const { return source_->would_wait(); }

 private:
  ByteStream(const std::filesystem::path& path, Descriptor file, Unpacking unpacking)
      : path_(file.path()), source_(open(path, std::move(file), unpacking)) {}

  static std::unique_ptr<detail::ByteSource> open(const std::filesystem::path& path, Descriptor file,
                                                  Unpacking unpacking) {
    detail::InputBuffer input(std::move(file));
    if (unpacking == Unpacking::none) return std::make_unique<detail::PlainSource>(std::move(input));
    // A person who types need not type four bytes before we look at the first.
    const bool may_be_packed = input.head(1).starts_with(detail::GzipSource::magic[0]) ||
                               input.head(1).starts_with(detail::ZstdSource::magic[0]);
    const std::string_view head = input.head(may_be_packed ? 4 : 1);
    if (head.starts_with(detail::GzipSource::magic))
      return std::make_unique<detail::GzipSource>(std::move(input));
    if (head.starts_with(detail::ZstdSource::magic))
      return std::make_unique<detail::ZstdSource>(std::move(input));
    const std::string ending = ending_of(path);
    if (ending == ".gz") refuse(input, head, "gzip", detail::GzipSource::magic);
    if (ending == ".zst") refuse(input, head, "zstd", detail::ZstdSource::magic);
    return std::make_unique<detail::PlainSource>(std::move(input));
  }

  /// Throws InputError for a file that does not begin as its name promises.
  [[noreturn]] static void refuse(detail::InputBuffer& input, std::string_view head, const char* format,
                                  std::string_view magic) {
    if (magic.starts_with(head)) {
      input.consume(head.size());
      detail::fail_compressed(input, format, "the data is cut off");
    }
    throw InputError(
        concatenate(input.path().string(), ": expected ", format, " data, the file does not begin like it"));
  }

  std::filesystem::path path_;
  std::unique_ptr<detail::ByteSource> source_;
};

}  // namespace memsizer::files
