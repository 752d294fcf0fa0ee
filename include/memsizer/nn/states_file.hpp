#pragma once
// Recurrent states as a safetensors file: a tensor for each array, under its full name
// ("0.memory:fixed:sum").

#include <filesystem>
#include <variant>
#include <vector>

#include "memsizer/files/safetensors.hpp"
#include "memsizer/nn/host_array.hpp"

namespace memsizer::nn {

/// Writes the arrays that save(states) gave. The file appears complete or not at all.
inline void save_states(const std::vector<HostArray>& arrays, const std::filesystem::path& path) {
  files::SafetensorsWriter writer;
  for (const HostArray& array : arrays)
    std::visit([&](const auto& values) { writer.add(array.full_name(), array.shape.extents(), values); },
               array.values);
  writer.write(path);
}

/// Reads them again, for restored_states(). InputError that names the file if it holds anything else.
inline std::vector<HostArray> load_states(const std::filesystem::path& path) {
  const files::SafetensorsReader file(path);
  std::vector<HostArray> arrays;
  for (const auto& [name, info] : file.tensors()) {
    HostArray array;
    try {
      array = HostArray::named(name);
    } catch (const InputError& error) {
      throw InputError(concatenate(path.string(), ": ", error.what()));
    }
    array.shape = Shape(std::span<const Index>(info.shape));
    if (info.dtype == files::dtype_of<Id>())
      array.values = file.read<Id>(name);
    else if (info.dtype == files::dtype_of<double>())
      array.values = file.read<double>(name);
    else
      array.values = file.read<float>(name);
    arrays.push_back(std::move(array));
  }
  return arrays;
}

}  // namespace memsizer::nn
