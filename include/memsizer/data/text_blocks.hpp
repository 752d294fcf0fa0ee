#pragma once
// The text of some files, one after another, in blocks: plain text, compressed or not, and Parquet.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/data/parquet_rows.hpp"
#include "memsizer/data/text_scanner.hpp"
#include "memsizer/files/text_stream.hpp"

namespace memsizer::data {

namespace detail {

/// The text of a Parquet file, whose column `text` has a line in each row, with its newline. Hugging Face's
/// export of WikiText has empty rows where the archive has blank lines, " \n", so that is what an empty row
/// gives.
class ParquetBlocks {
 public:
  explicit ParquetBlocks(const std::filesystem::path& file) : rows_(file), column_(rows_.choose("text")) {}

  /// The next rows, at least `least_bytes` of text unless the file ends; empty at the end.
  std::string_view read(std::size_t least_bytes) {
    block_.clear();
    while (block_.size() < least_bytes && (more_ = more_ && rows_.next())) {
      const std::string_view text = rows_.text(column_);
      block_ += text.empty() ? " \n" : text;
    }
    return block_;
  }

 private:
  ParquetRows rows_;
  std::size_t column_;
  std::string block_;
  bool more_ = true;
};

}  // namespace detail

class TextBlocks {
 public:
  /// `name` is what the files are to the user, such as "data/wiki: the train split".
  TextBlocks(std::vector<std::filesystem::path> files, std::string name)
      : files_(std::move(files)), name_(std::move(name)), buffer_(std::size_t{1} << 18) {}

  /// The next block, which is cut anywhere and stays valid until the next call; empty at the end. InputError,
  /// with the place, for bytes that are not UTF-8 and for damaged files.
  std::string_view next() {
    while (stream_ || parquet_ || open_next()) {
      const std::string_view block = read();
      scanner_.add(block);
      if (!block.empty()) return block;
      stream_.reset();
      parquet_.reset();
    }
    return {};
  }

  /// The counts of the text, after its end. InputError if it is empty, or ends inside a character.
  TextCounts finish() {
    const TextCounts counts = scanner_.finish();
    require(counts.bytes > 0, name_, " is empty");
    return counts;
  }

 private:
  bool open_next() {
    if (file_ == files_.size()) return false;
    const std::filesystem::path& file = files_[file_++];
    if (is_parquet(file))
      parquet_.emplace(file);
    else
      stream_.emplace(file);
    scanner_.begin_file(stream_ ? stream_->path().string() : file.string());
    return true;
  }

  std::string_view read() {
    if (parquet_) return parquet_->read(buffer_.size());
    return {buffer_.data(), static_cast<std::size_t>(stream_->read(buffer_))};
  }

  std::vector<std::filesystem::path> files_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t file_ = 0;  // the next one
  std::optional<files::TextStream> stream_;
  std::optional<detail::ParquetBlocks> parquet_;
  TextScanner scanner_;
};

}  // namespace memsizer::data
