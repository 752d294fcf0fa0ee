#pragma once
// The contents of a file as a stream of bytes: plain, gzip or Zstandard, told apart by how the file begins.

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "memsizer/files/gzip_source.hpp"
#include "memsizer/files/input_buffer.hpp"
#include "memsizer/files/zstd_source.hpp"

namespace memsizer::files {

class ByteStream {
 public:
  /// InputError if the file cannot be opened, or is called .gz or .zst and is not.
  explicit ByteStream(const std::filesystem::path& path) : path_(path), source_(open(path)) {}

  const std::filesystem::path& path() const { return path_; }
  /// How many bytes were read so far.
  Index position() const { return position_; }

  /// Reads exact bytes; fewer than asked for only at the end. InputError with the file and the place in it
  /// where compressed data is corrupt or cut off.
  Index read(std::span<char> bytes) {
    const Index count = source_->read(bytes.data(), static_cast<Index>(bytes.size()));
    position_ += count;
    return count;
  }

 private:
  static std::unique_ptr<detail::ByteSource> open(const std::filesystem::path& path) {
    detail::InputBuffer input(open_for_reading(path));
    const std::string_view head = input.head(4);
    if (head.starts_with(detail::GzipSource::magic))
      return std::make_unique<detail::GzipSource>(std::move(input));
    if (head.starts_with(detail::ZstdSource::magic))
      return std::make_unique<detail::ZstdSource>(std::move(input));
    const std::string ending = path.extension().string();
    require(ending != ".gz" && ending != ".zst", path.string(), ": expected ",
            ending == ".gz" ? "gzip" : "zstd", " data, the file does not begin like it");
    return std::make_unique<detail::PlainSource>(std::move(input));
  }

  std::filesystem::path path_;
  std::unique_ptr<detail::ByteSource> source_;
  Index position_ = 0;
};

/// All contents, or InputError if they are longer than `max_bytes`.
inline std::string read_stream(const std::filesystem::path& path, Index max_bytes) {
  ByteStream stream(path);
  std::string text;
  while (true) {
    const size_t done = text.size(), block = 1 << 16;
    text.resize(done + block);
    text.resize(done + static_cast<size_t>(stream.read(std::span(text).subspan(done))));
    require(stream.position() <= max_bytes, path.string(), ": expected at most ", max_bytes,
            " bytes, got more");
    if (text.size() < done + block) return text;
  }
}

}  // namespace memsizer::files
