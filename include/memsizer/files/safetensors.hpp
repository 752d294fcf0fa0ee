#pragma once
// Reads and writes safetensors files. A reader holds the header and fetches tensors on request. A writer
// collects views, and gives the file its name when all of it is on the disk.

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/base/bfloat16.hpp"
#include "memsizer/files/atomic_file.hpp"
#include "memsizer/files/safetensors_header.hpp"

namespace memsizer::files {

/// Whether a read may convert a floating-point type of the file (F64, F32, F16, BF16) to the requested one.
enum class Convert { no, floats };

namespace detail {

/// IEEE half precision; exact.
inline float float_from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const float fraction = static_cast<float>(bits & 1023);
  const float magnitude = exponent == 31  ? (fraction == 0 ? INFINITY : NAN)
                          : exponent == 0 ? std::ldexp(fraction, -24)
                                          : std::ldexp(fraction + 1024, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

inline float float_from_bfloat16(std::uint16_t bits) {
  return bfloat16::from_bits(bits);
}

}  // namespace detail

class SafetensorsReader {
 public:
  /// Opens and checks the file: InputError with the file's name if anything is malformed or truncated.
  explicit SafetensorsReader(const std::filesystem::path& path) : file_(open_for_reading(path)) {
    const std::string name = path.string();
    const Index file_bytes = file_.status().st_size;
    std::uint64_t header_bytes = 0;
    // A file that is just being written, or one in /proc, may hold more bytes than its size says.
    require(file_bytes >= 8 && file_.read_at(0, reinterpret_cast<char*>(&header_bytes), 8) == 8, name,
            ": expected a safetensors file, got ", file_bytes, " bytes");
    require(header_bytes <= static_cast<std::uint64_t>(std::min(max_header_bytes, file_bytes - 8)), name,
            ": expected a safetensors header of at most ", std::min(max_header_bytes, file_bytes - 8),
            " bytes, got a length of ", header_bytes);
    data_begin_ = 8 + static_cast<Index>(header_bytes);
    std::string text(header_bytes, '\0');
    read_exactly(8, text.data(), static_cast<Index>(header_bytes));
    header_ = parse_safetensors_header(text, file_bytes - data_begin_, name);
  }

  const std::filesystem::path& path() const { return file_.path(); }
  const TensorInfos& tensors() const { return header_.tensors; }
  const Metadata& metadata() const { return header_.metadata; }
  bool contains(const std::string& name) const { return header_.tensors.count(name) != 0; }

  /// InputError if the file has no tensor of that name.
  const TensorInfo& info(const std::string& name) const {
    const auto place = header_.tensors.find(name);
    require(place != header_.tensors.end(), path().string(), ": expected a tensor \"", name, "\", got none");
    return place->second;
  }

  /// All elements of a tensor, row-major. InputError for another dtype than T's, unless `convert` allows it.
  template <class T>
  std::vector<T> read(const std::string& name, Convert convert = Convert::no) const {
    std::vector<T> values(static_cast<size_t>(info(name).elements()));
    read_into<T>(name, values, convert);
    return values;
  }

  /// Like read, but into memory of the tensor's size. `values` are unspecified after an error.
  template <class T>
  void read_into(const std::string& name, std::span<T> values, Convert convert = Convert::no) const {
    const TensorInfo& tensor = info(name);
    if (tensor.elements() != static_cast<Index>(values.size()))
      fail(name, "expected ", values.size(), " elements, got ", shape_text(tensor.shape));
    if (tensor.dtype == dtype_of<T>())
      return read_exactly(data_begin_ + tensor.begin, reinterpret_cast<char*>(values.data()), tensor.bytes());
    if constexpr (std::floating_point<T>)
      if (convert == Convert::floats) return read_converted(name, values);
    fail(name, "expected dtype ", dtype_of<T>(), ", got ", tensor.dtype);
  }

  /// A part of a tensor's bytes, from byte `offset` of it.
  void read_bytes(const std::string& name, Index offset, std::span<std::byte> bytes) const {
    const TensorInfo& tensor = info(name);
    const Index size = static_cast<Index>(bytes.size());
    if (offset < 0 || offset > tensor.bytes() || size > tensor.bytes() - offset)
      fail(name, "expected bytes within ", tensor.bytes(), ", got ", size, " from ", offset);
    read_exactly(data_begin_ + tensor.begin + offset, reinterpret_cast<char*>(bytes.data()), size);
  }

 private:
  template <class... Parts>
  [[noreturn]] void fail(const std::string& name, const Parts&... parts) const {
    throw InputError(concatenate(path().string(), ": tensor \"", name, "\": ", parts...));
  }

  void read_exactly(Index position, char* bytes, Index size) const {
    require(file_.read_at(position, bytes, size) == size, path().string(),
            ": the file became shorter while read");
  }

  template <class T>
  void read_converted(const std::string& name, std::span<T> values) const {
    const std::string& dtype = info(name).dtype;
    const auto take = [&](auto value) {
      if (std::isfinite(value) && std::abs(value) > std::numeric_limits<T>::max())
        fail(name, "the value ", value, " does not fit ", dtype_of<T>());
      return static_cast<T>(value);
    };
    if (dtype == "F64") return read_blocks<double>(name, values, take);
    if (dtype == "F32") return read_blocks<float>(name, values, take);
    if (dtype == "F16") return read_blocks<std::uint16_t>(name, values, detail::float_from_half);
    if (dtype == "BF16") return read_blocks<std::uint16_t>(name, values, detail::float_from_bfloat16);
    fail(name, "expected a floating-point dtype, got ", dtype);
  }

  template <class Stored, class T, class Conversion>
  void read_blocks(const std::string& name, std::span<T> values, Conversion conversion) const {
    std::vector<Stored> block(std::min<size_t>(values.size(), 1 << 16));
    for (size_t begin = 0; begin < values.size(); begin += block.size()) {
      const std::span part = std::span(block).first(std::min(block.size(), values.size() - begin));
      read_bytes(name, static_cast<Index>(begin * sizeof(Stored)), std::as_writable_bytes(part));
      std::transform(part.begin(), part.end(), values.begin() + static_cast<std::ptrdiff_t>(begin),
                     conversion);
    }
  }

  Descriptor file_;
  Index data_begin_ = 0;
  SafetensorsHeader header_;
};

/// Writes a file whose bytes depend only on the tensors and metadata, not on the order in which they were
/// added.
class SafetensorsWriter {
 public:
  /// Adds a tensor; `values` must live until write(). InputError if the name is reserved or repeated, or the
  /// number of values does not fit the shape.
  template <class T>
  void add(const std::string& name, std::span<const Index> shape, std::span<const T> values) {
    add_bytes(name, std::string(dtype_of<T>()), shape, std::as_bytes(values));
  }
  template <class T>
  void add(const std::string& name, std::span<const Index> shape, const std::vector<T>& values) {
    add(name, shape, std::span<const T>(values));
  }

  void add_bytes(const std::string& name, const std::string& dtype, std::span<const Index> shape,
                 std::span<const std::byte> bytes) {
    require(name != metadata_key, "a tensor cannot be named ", metadata_key);
    require(!tensors_.contains(name), "a tensor \"", name, "\" was already added");
    require(dtype_bytes(dtype) != 0, "tensor \"", name, "\": unknown dtype ", dtype);
    const Index expected =
        checked_product(checked_product(shape, name.c_str()), dtype_bytes(dtype), name.c_str());
    require(expected == static_cast<Index>(bytes.size()), "tensor \"", name, "\": expected ", expected,
            " bytes for ", dtype, " ", shape_text(shape), ", got ", bytes.size());
    tensors_[name] = {{dtype, {shape.begin(), shape.end()}}, bytes};
  }

  void set_metadata(const std::string& key, const std::string& value) { metadata_[key] = value; }

  /// Writes the file and replaces an old one atomically. Errors as in AtomicFile, and InputError for a name
  /// that is not UTF-8.
  void write(const std::filesystem::path& path) {
    const auto order = lay_out();
    std::string header = header_text();
    header.resize(static_cast<size_t>(round_up(static_cast<Index>(header.size()), 8)), ' ');
    const auto header_bytes = static_cast<std::uint64_t>(header.size());
    require(static_cast<Index>(header_bytes) <= max_header_bytes, path.string(), ": the header of ",
            header_bytes, " bytes is over the format's limit of ", max_header_bytes);
    AtomicFile file(path);
    file.write(std::as_bytes(std::span(&header_bytes, 1)));
    file.write(std::string_view(header));
    for (const Entry* entry : order) file.write(entry->bytes);
    file.commit();
  }

 private:
  struct Entry {
    TensorInfo info;
    std::span<const std::byte> bytes;
  };

  /// Gives every tensor its offsets. Tensors with larger elements come first, so that each is aligned to its
  /// element's size.
  std::vector<const Entry*> lay_out() {
    std::vector<Entry*> order;
    for (auto& [name, entry] : tensors_) order.push_back(&entry);
    std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
      return dtype_bytes(a->info.dtype) > dtype_bytes(b->info.dtype);
    });
    Index reached = 0;
    for (Entry* entry : order) {
      entry->info.begin = reached;
      entry->info.end = reached = checked_sum(reached, static_cast<Index>(entry->bytes.size()), "tensors");
    }
    return {order.begin(), order.end()};
  }

  std::string header_text() const {
    SafetensorsHeader header;
    header.metadata = metadata_;
    for (const auto& [name, entry] : tensors_) header.tensors[name] = entry.info;
    return safetensors_header_text(header);
  }

  std::map<std::string, Entry> tensors_;
  Metadata metadata_;
};

}  // namespace memsizer::files
