#pragma once
// The readers of files: safetensors, any JSON.

#include <string>
#include <string_view>
#include <vector>

#include "memsizer/files/json.hpp"
#include "memsizer/files/safetensors.hpp"

#include "fuzz/memory_file.hpp"
#include "fuzz/target.hpp"

namespace fuzz {

inline void read_safetensors(std::string_view bytes) {
  const MemoryFile file(bytes);
  const memsizer::files::SafetensorsReader reader(file.path());
  memsizer::Index end = 0;
  for (const auto& [name, info] : reader.tensors()) {
    expect(info.begin >= 0 && info.end >= info.begin, "bytes in order");
    expect(info.bytes() == info.elements() * memsizer::files::dtype_bytes(info.dtype),
           "bytes that fit the shape");
    end = std::max(end, info.end);
    std::vector<std::byte> all(static_cast<std::size_t>(info.bytes()));
    reader.read_bytes(name, 0, all);
    if (info.dtype.starts_with('F') && !info.dtype.starts_with("F8"))
      reader.read<double>(name, memsizer::files::Convert::floats);
  }
  expect(end <= static_cast<memsizer::Index>(bytes.size()), "tensors within the file");
}

inline void read_json(std::string_view bytes) {
  const memsizer::files::Json json = memsizer::files::parse_json(bytes, "json");
  expect(memsizer::files::parse_json(memsizer::files::dump_json(json), "again") == json,
         "the same document again");
}

inline const std::vector<NamedTarget>& files_targets() {
  static const std::vector<NamedTarget> targets{{"safetensors", read_safetensors}, {"json", read_json}};
  return targets;
}

}  // namespace fuzz
