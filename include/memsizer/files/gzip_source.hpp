#pragma once
// Reads gzip data (RFC 1952) through zlib. Like gzip, it accepts several members in a row, and zero padding
// after them.

#include <limits>
#include <utility>

#include <zlib.h>

#include "memsizer/files/input_buffer.hpp"

namespace memsizer::files::detail {

class GzipSource : public ByteSource {
 public:
  static constexpr std::string_view magic = "\x1f\x8b";

  explicit GzipSource(InputBuffer input) : input_(std::move(input)) {
    constexpr int gzip_only = 16;
    if (::inflateInit2(&stream_, MAX_WBITS + gzip_only) != Z_OK) throw SystemError("zlib: out of memory");
  }
  GzipSource(const GzipSource&) = delete;
  ~GzipSource() override { ::inflateEnd(&stream_); }

  Index read(char* bytes, Index size) override {
    Index done = 0;
    while (done < size) {
      if (member_ended_ && !next_member()) break;
      done += inflate_some(bytes + done, size - done);
    }
    return done;
  }

 private:
  bool next_member() {
    while (true) {
      const std::string_view bytes = input_.available();
      if (bytes.empty()) return false;
      const size_t padding = std::min(bytes.find_first_not_of('\0'), bytes.size());
      input_.consume(padding);
      if (padding == bytes.size()) continue;
      ::inflateReset(&stream_);
      member_ended_ = false;
      return true;
    }
  }

  Index inflate_some(char* bytes, Index size) {
    const std::string_view input = input_.available();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    const auto room = static_cast<uInt>(std::min<Index>(size, 1 << 30));
    stream_.next_out = reinterpret_cast<Bytef*>(bytes);
    stream_.avail_out = room;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    input_.consume(input.size() - stream_.avail_in);
    if (result == Z_STREAM_END)
      member_ended_ = true;
    else if (result == Z_BUF_ERROR && input.empty())
      fail_compressed(input_, "gzip", "the data is cut off");
    else if (result == Z_MEM_ERROR)
      throw SystemError("zlib: out of memory");
    else if (result != Z_OK && result != Z_BUF_ERROR)
      fail_compressed(input_, "gzip", stream_.msg ? stream_.msg : "the data is corrupt");
    return static_cast<Index>(room - stream_.avail_out);
  }

  InputBuffer input_;
  z_stream stream_{};
  bool member_ended_ = false;
};

}  // namespace memsizer::files::detail
