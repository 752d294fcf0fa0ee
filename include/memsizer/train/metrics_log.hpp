#pragma once
// metrics.jsonl: a JSON object a line, one for each logged step and one for each validation.

#include <filesystem>
#include <fstream>

#include "memsizer/files/json.hpp"

namespace memsizer::train {

class MetricsLog {
 public:
  /// Goes on after the first `bytes` of the file: what a run wrote after its checkpoint is dropped.
  MetricsLog(const std::filesystem::path& file, Index bytes) : file_(file) {
    std::error_code absent;
    if (const auto size = std::filesystem::file_size(file, absent); !absent)
      std::filesystem::resize_file(file, std::min<std::uintmax_t>(size, static_cast<std::uintmax_t>(bytes)));
    stream_.open(file, std::ios::app);
    check();
  }

  void write(const nlohmann::ordered_json& line) {
    stream_ << files::dump_json(line, -1) << std::flush;
    check();
  }

  Index bytes() const { return static_cast<Index>(std::filesystem::file_size(file_)); }

 private:
  void check() const {
    if (!stream_) throw SystemError(concatenate(file_.string(), ": cannot be written; is the disk full?"));
  }

  std::filesystem::path file_;
  std::ofstream stream_;
};

}  // namespace memsizer::train
