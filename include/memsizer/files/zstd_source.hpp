#pragma once
// Reads Zstandard data (RFC 8878) through its library. It accepts several frames in a row.

#include <memory>
#include <utility>

#include <zstd.h>

#include "memsizer/files/input_buffer.hpp"

namespace memsizer::files::detail {

class ZstdSource : public ByteSource {
 public:
  static constexpr std::string_view magic = "\x28\xb5\x2f\xfd";

  explicit ZstdSource(InputBuffer input) : input_(std::move(input)), stream_(::ZSTD_createDStream()) {
    if (!stream_) throw SystemError("zstd: out of memory");
  }

  Index read(char* bytes, Index size) override {
    ZSTD_outBuffer out{bytes, static_cast<size_t>(size), 0};
    while (out.pos < out.size) {
      const std::string_view available = input_.available();
      if (available.empty() && frame_ended_) break;
      ZSTD_inBuffer in{available.data(), available.size(), 0};
      const size_t before = out.pos;
      const size_t result = ::ZSTD_decompressStream(stream_.get(), &out, &in);
      input_.consume(in.pos);
      if (::ZSTD_isError(result)) fail_compressed(input_, "zstd", ::ZSTD_getErrorName(result));
      if (available.empty() && out.pos == before) fail_compressed(input_, "zstd", "the data is cut off");
      frame_ended_ = result == 0;
    }
    return static_cast<Index>(out.pos);
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };

  InputBuffer input_;
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool frame_ended_ = false;
};

}  // namespace memsizer::files::detail
