#pragma once
// The bytes of a file as stored on the disk, in blocks, for gzip_source.hpp and zstd_source.hpp.

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/poll.h>

#include "memsizer/files/descriptor.hpp"

namespace memsizer::files::detail {

class InputBuffer {
 public:
  explicit InputBuffer(Descriptor file) : file_(std::move(file)), bytes_(1 << 16) {}

  const std::filesystem::path& path() const { return file_.path(); }
  /// The number of bytes consumed.
  Index position() const { return position_; }

  /// The next bytes, at least one unless the file has ended.
  std::string_view available() {
    if (begin_ == end_) fill(0);
    return {bytes_.data() + begin_, end_ - begin_};
  }

  /// The first bytes of a file, before anything is consumed; fewer than `count` if it is shorter.
  std::string_view head(size_t count) {
    while (end_ < count && fill(end_)) continue;
    return {bytes_.data(), std::min(count, end_)};
  }

  /// Whether available() would wait for a writer.
  bool would_wait() const {
    struct pollfd file {
      file_.number(), POLLIN, 0
    };
    return begin_ == end_ && ::poll(&file, 1, 0) == 0;
  }

  void consume(size_t count) {
    begin_ += count;
    position_ += static_cast<Index>(count);
  }

  /// Moves bytes to `out`, first from the buffer, then directly from the file. Returns fewer than `size` only
  /// at the end.
  Index read(char* out, Index size) {
    const std::string_view buffered(bytes_.data() + begin_,
                                    std::min(end_ - begin_, static_cast<size_t>(size)));
    std::copy(buffered.begin(), buffered.end(), out);
    consume(buffered.size());
    const Index taken = static_cast<Index>(buffered.size());
    const Index direct = taken < size ? file_.read(out + taken, size - taken) : 0;
    position_ += direct;
    return taken + direct;
  }

 private:
  bool fill(size_t from) {
    const auto room = bytes_.size() - from;
    const auto count = retry_interrupted([&] { return ::read(file_.number(), bytes_.data() + from, room); });
    if (count < 0) throw_errno("read", path(), errno);
    if (from == 0) begin_ = 0;
    end_ = from + static_cast<size_t>(count);
    return count > 0;
  }

  Descriptor file_;
  std::vector<char> bytes_;
  size_t begin_ = 0, end_ = 0;
  Index position_ = 0;
};

/// Gives a file's contents, whatever the compression on the disk.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Returns fewer than `size` bytes only at the end. InputError if data is corrupt or cut off.
  virtual Index read(char* bytes, Index size) = 0;
  /// The same, but it does not wait for more than the first bytes if a person or another program writes them.
  /// Returns none only at the end.
  virtual Index read_some(char* bytes, Index size) { return read(bytes, size); }
  /// Whether the next byte has not been written yet.
  virtual bool would_wait() const { return false; }
};

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(InputBuffer input) : input_(std::move(input)) {}
  Index read(char* bytes, Index size) override { return input_.read(bytes, size); }
  Index read_some(char* bytes, Index size) override {
    const std::string_view some = input_.available().substr(0, static_cast<size_t>(size));
    std::ranges::copy(some, bytes);
    input_.consume(some.size());
    return static_cast<Index>(some.size());
  }
  bool would_wait() const override { return input_.would_wait(); }

 private:
  InputBuffer input_;
};

[[noreturn]] inline void fail_compressed(const InputBuffer& input, const char* format,
                                         std::string_view reason) {
  throw InputError(
      concatenate(input.path().string(), ": byte ", input.position(), " of the ", format, " data: ", reason));
}

}  // namespace memsizer::files::detail
