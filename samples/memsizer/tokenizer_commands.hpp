#pragma once
// The parts of memsizer tokenizer.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/files/atomic_file.hpp"

#include "command_line.hpp"
#include "output.hpp"

namespace memsizer::program {

inline constexpr const char* tokenizer_help =
    "a tokenizer.json, or a folder with it, or with vocab.json and merges.txt, or with encoder.json and "
    "vocab.bpe";

/// The bytes of text in these files; nothing if that cannot be known, of standard input or a compressed file.
std::optional<Index> bytes_of_text(const std::vector<std::filesystem::path>& paths);

/// What encode and decode read and write.
struct CodingOptions {
  std::filesystem::path tokenizer, input = "-", output = "-";
  std::string format = "text";
  bool special = false, json = false;

  /// The bytes of an id in a file of --format u16 or u32; 0 for text. InputError for another name.
  size_t bytes_of_id() const;

  /// InputError if the output cannot be written, if it is one of the files that are read, or if the tokenizer
  /// and the input are both standard input.
  void require_files() const;
};

/// Takes what is written, to standard output or to a file that takes its name when it is complete.
class Sink {
 public:
  explicit Sink(const std::filesystem::path& output) {
    if (!is_standard_output(output)) file_.emplace(output);
  }

  void write(std::string_view bytes) {
    if (file_)
      file_->write(bytes);
    else
      print(bytes);
  }

  void commit() {
    if (file_) file_->commit();
  }

 private:
  std::optional<files::AtomicFile> file_;
};

void add_encode_command(const Command& tokenizer);
void add_decode_command(const Command& tokenizer);

}  // namespace memsizer::program
