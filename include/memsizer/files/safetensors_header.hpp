#pragma once
// The header of a safetensors file (https://github.com/huggingface/safetensors): 8 bytes of length,
// little-endian, a JSON object of tensors by name, then their bytes without gaps. The header is checked in
// full before any tensor is read.

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/lists.hpp"
#include "memsizer/files/safetensors_text.hpp"

namespace memsizer::files {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

/// A tensor of a file. Its bytes are [begin, end) of the part after the header, row-major.
struct TensorInfo {
  std::string dtype;
  std::vector<Index> shape;
  Index begin = 0, end = 0;

  Index bytes() const { return end - begin; }
  Index elements() const { return checked_product(shape, "tensor shape"); }
};

using TensorInfos = std::map<std::string, TensorInfo>;
using Metadata = std::map<std::string, std::string>;

inline constexpr std::string_view metadata_key = "__metadata__";
/// The limit that the format sets.
inline constexpr Index max_header_bytes = 100'000'000;

/// The bytes of an element of a dtype that the format knows, 0 for any other name.
inline Index dtype_bytes(std::string_view dtype) {
  struct Known {
    std::string_view name;
    Index bytes;
  };
  static constexpr std::array known{
      Known{"F64", 8}, Known{"I64", 8}, Known{"U64", 8},     Known{"F32", 4},     Known{"I32", 4},
      Known{"U32", 4}, Known{"F16", 2}, Known{"BF16", 2},    Known{"I16", 2},     Known{"U16", 2},
      Known{"I8", 1},  Known{"U8", 1},  Known{"F8_E4M3", 1}, Known{"F8_E5M2", 1}, Known{"BOOL", 1}};
  const auto place =
      std::find_if(known.begin(), known.end(), [&](const Known& one) { return one.name == dtype; });
  return place == known.end() ? 0 : place->bytes;
}

/// The dtype of a C++ element type.
template <class T>
constexpr std::string_view dtype_of() {
  if constexpr (std::same_as<T, double>)
    return "F64";
  else if constexpr (std::same_as<T, float>)
    return "F32";
  else if constexpr (std::same_as<T, std::int64_t>)
    return "I64";
  else if constexpr (std::same_as<T, std::uint64_t>)
    return "U64";
  else if constexpr (std::same_as<T, std::int32_t>)
    return "I32";
  else if constexpr (std::same_as<T, std::uint32_t>)
    return "U32";
  else if constexpr (std::same_as<T, std::uint16_t>)
    return "U16";
  else {
    static_assert(std::same_as<T, std::uint8_t>, "no safetensors dtype for this type");
    return "U8";
  }
}

/// "[2, 3]"
inline std::string shape_text(std::span<const Index> shape) {
  std::string text = "[";
  for (const Index extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + ']';
}

struct SafetensorsHeader {
  TensorInfos tensors;
  Metadata metadata;
};

namespace detail {

inline void check_tensor_info(const TensorInfo& info, Index data_bytes, const HeaderReader& reader,
                              const std::string& path) {
  if (info.begin < 0 || info.begin > info.end || info.end > data_bytes)
    reader.fail(path, "data_offsets ", shape_text(std::array{info.begin, info.end}), " are not within the ",
                data_bytes, " bytes of the file");
  const Index element = dtype_bytes(info.dtype);
  if (element == 0) reader.fail(path, "unknown dtype \"", printable(info.dtype, 60), "\"");
  const std::string where = reader.file() + ": " + path;
  const Index expected = checked_product(checked_product(info.shape, where.c_str()), element, where.c_str());
  if (expected != info.bytes())
    reader.fail(path, "expected ", expected, " bytes for ", info.dtype, " ", shape_text(info.shape), ", got ",
                info.bytes());
}

/// A JSON object, from its keys and the texts of its values.
inline std::string object_text(const std::map<std::string, std::string>& members) {
  std::string text = "{";
  for (const auto& [key, value] : members)
    text += (text.size() > 1 ? "," : "") + quoted_json(key) + ':' + value;
  return text + '}';
}

/// The object that describes one tensor.
inline TensorInfo read_tensor_info(HeaderReader& reader, const std::string& path, Index data_bytes) {
  TensorInfo info;
  std::set<std::string> missing{"dtype", "shape", "data_offsets"};
  reader.object(path, [&](const std::string& key, const std::string& place) {
    if (missing.erase(key) == 0) reader.fail(path, "unknown key \"", printable(key), "\"");
    if (key == "dtype") {
      info.dtype = reader.string(place);
    } else if (key == "shape") {
      info.shape = reader.integers(place);
    } else {
      const std::vector<Index> offsets = reader.integers(place);
      if (offsets.size() != 2) reader.fail(path, "expected two data_offsets, got ", offsets.size());
      info.begin = offsets[0];
      info.end = offsets[1];
    }
  });
  if (!missing.empty()) reader.fail(path, "expected a key \"", *missing.begin(), "\", got none");
  check_tensor_info(info, data_bytes, reader, path);
  return info;
}

/// Refuses tensors that overlap, gaps between them and bytes after the last one.
inline void require_contiguous(const TensorInfos& tensors, Index data_bytes, std::string_view file) {
  std::vector<const TensorInfos::value_type*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](auto* a, auto* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  Index reached = 0;
  for (const auto* tensor : order) {
    require(tensor->second.begin == reached, file, ": tensor \"", printable(tensor->first),
            "\" begins at byte ", tensor->second.begin, ", expected ", reached,
            tensor->second.begin < reached ? " (overlap)" : " (gap)");
    reached = tensor->second.end;
  }
  require(reached == data_bytes, file, ": expected ", reached, " bytes of tensors, got ", data_bytes);
}

}  // namespace detail

/// Reads a header. Errors call the file `file`; its tensors have `data_bytes` bytes together. InputError for
/// anything that the format forbids.
inline SafetensorsHeader parse_safetensors_header(std::string_view text, Index data_bytes,
                                                  const std::string& file) {
  require(text.starts_with('{'), file, ": expected a safetensors header that begins with {");
  detail::HeaderReader reader(text, file);
  SafetensorsHeader header;
  reader.object("", [&](const std::string& name, const std::string& path) {
    if (name == metadata_key)
      reader.object(path, [&](const std::string& key, const std::string& place) {
        header.metadata[key] = reader.string(place);
      });
    else
      header.tensors[name] = detail::read_tensor_info(reader, path, data_bytes);
  });
  reader.end();
  detail::require_contiguous(header.tensors, data_bytes, file);
  return header;
}

/// The text of a header: names in order, without white space. InputError for a name or a text that is not
/// UTF-8.
inline std::string safetensors_header_text(const SafetensorsHeader& header) {
  std::map<std::string, std::string> members;
  for (const auto& [name, info] : header.tensors)
    members[name] = concatenate(
        "{\"data_offsets\":[", info.begin, ',', info.end, "],\"dtype\":\"", info.dtype, "\",\"shape\":[",
        join(info.shape, ",", [](Index extent) { return std::to_string(extent); }), "]}");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : header.metadata) metadata[key] = detail::quoted_json(value);
  if (!metadata.empty()) members[std::string(metadata_key)] = detail::object_text(metadata);
  return detail::object_text(members);
}

}  // namespace memsizer::files
