#pragma once
// The beginning of a text, by which a reader knows the form of a file.

#include <cstddef>
#include <filesystem>
#include <string>

#include "memsizer/files/text_stream.hpp"

namespace memsizer::data {

/// The first bytes of a text after decompression, 512 or all of it. InputError if the file cannot be read as
/// text (text_stream.hpp).
inline std::string head_of_text(const std::filesystem::path& path) {
  files::TextStream stream(path);
  std::string head(512, '\0');
  head.resize(static_cast<std::size_t>(stream.read(head)));
  return head;
}

}  // namespace memsizer::data
