#pragma once
// Seeded damage to files, and a limit on the memory that reading them may take.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "memory_limit.hpp"

namespace damage {

using ::MemoryLimit;

/// A few random edits of the first `within` bytes: bytes are changed, removed, doubled, or pieces of JSON
/// inserted.
inline std::string edited(std::string bytes, std::mt19937& random, std::size_t within) {
  static const std::vector<std::string> parts = {"null", "-1", "1e99",  "\"\"", "[",  "]",       "{}",   "0",
                                                 "7",    ",",  "\"a\"", "\xFF", "\n", "\\u0000", "true", "."};
  for (unsigned edits = 1 + random() % 3; edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = random() % std::min(bytes.size(), within);
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 1:
        bytes[at] = static_cast<char>(random());
        break;
      case 2:
        bytes.erase(at, 1 + random() % 20);
        break;
      case 3:
        bytes.insert(at, parts[random() % parts.size()]);
        break;
      default:
        bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 30));
    }
  }
  return bytes;
}

/// Beginnings of a text: all shorter than 10 bytes, and `count` others up to the whole text without its last
/// byte.
inline std::vector<std::string> beginnings(const std::string& bytes, std::size_t count) {
  std::vector<std::string> parts;
  for (std::size_t size = 0; size < std::min<std::size_t>(bytes.size(), 10); ++size)
    parts.push_back(bytes.substr(0, size));
  for (std::size_t i = 1; i <= count; ++i) parts.push_back(bytes.substr(0, (bytes.size() - 1) * i / count));
  return parts;
}

/// A safetensors file taken apart, so that it can be put together wrongly.
struct Safetensors {
  explicit Safetensors(const std::string& bytes) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    header = nlohmann::ordered_json::parse(bytes.substr(8, length));
    data = bytes.substr(8 + length);
  }

  std::string bytes() const { return with_header(header.dump()); }

  std::string with_header(const std::string& text) const { return with_length(text, text.size()); }
  std::string with_length(const std::string& text, std::uint64_t length) const {
    return std::string(reinterpret_cast<const char*>(&length), 8) + text + data;
  }

  nlohmann::ordered_json header;
  std::string data;
};

/// How a file was damaged, and the resulting bytes.
struct Damaged {
  std::string how, bytes;
};

/// Many damaged forms of one safetensors file.
class SafetensorsDamages {
 public:
  using Json = nlohmann::ordered_json;

  explicit SafetensorsDamages(const std::string& good) : whole_(good), size_(good.size()) {
    first_ = whole_.header.begin().key();
    second_ = std::next(whole_.header.begin()).key();
    add_wrong_tensors();
    add_wrong_sets();
    add_wrong_files();
  }

  std::vector<Damaged> all() const { return all_; }

 private:
  void file(const std::string& how, const std::function<void(Safetensors&)>& change) {
    Safetensors changed = whole_;
    change(changed);
    all_.push_back({how, changed.bytes()});
  }
  /// Adds a form in which the entry of one tensor is changed.
  void entry(const std::string& how, const std::function<void(Json&)>& change) {
    file(how, [&](Safetensors& changed) { change(changed.header[first_]); });
  }

  void add_wrong_tensors() {
    for (const char* dtype : {"I32", "U32", "F64", "F16", "BF16", "F32 ", ""})
      entry(std::string("dtype ") + dtype, [&](Json& tensor) { tensor["dtype"] = dtype; });
    constexpr std::int64_t large = std::int64_t{1} << 31;
    for (const Json& shape : {Json{-1}, Json{1e99}, Json{0}, Json::array(), Json{1, 1, 1, 1, 1, 1, 1},
                              Json{large, large, large}, Json("wide"), Json(nullptr)})
      entry("shape " + shape.dump(), [&](Json& tensor) { tensor["shape"] = shape; });
    entry("an axis more", [](Json& tensor) { tensor["shape"].push_back(1); });
    entry("seven axes", [](Json& tensor) {
      while (tensor["shape"].size() < 7) tensor["shape"].push_back(1);
    });
    entry("as many elements in another shape", [](Json& tensor) {
      std::int64_t elements = 1;
      for (const Json& extent : tensor["shape"]) elements *= extent.get<std::int64_t>();
      tensor["shape"] = {1, elements};
    });
    for (const Json& offsets : {Json{0, 0}, Json{4, 0}, Json{-4, 0}, Json{0, large << 31}, Json::array({0}),
                                Json{0, 4, 8}, Json("0"), Json(nullptr)})
      entry("offsets " + offsets.dump(), [&](Json& tensor) { tensor["data_offsets"] = offsets; });
    entry("an unknown member", [](Json& tensor) { tensor["more"] = 1; });
  }

  void add_wrong_sets() {
    file("overlap", [&](Safetensors& changed) {
      changed.header[second_]["data_offsets"] = changed.header[first_]["data_offsets"];
    });
    file("missing", [&](Safetensors& changed) { changed.header.erase(first_); });
    file("renamed", [&](Safetensors& changed) {
      changed.header["other"] = changed.header[first_];
      changed.header.erase(first_);
    });
    file("one more", [](Safetensors& changed) {
      const std::size_t end = changed.data.size();
      changed.header["more"] = {{"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {end, end + 4}}};
      changed.data += std::string(4, '\0');
    });
    file("bytes at the end", [](Safetensors& changed) { changed.data += "1234"; });
    file("no bytes", [](Safetensors& changed) { changed.data.clear(); });
    for (const float value : {NAN, INFINITY, -INFINITY})
      file("a value " + std::to_string(value),
           [&](Safetensors& changed) { std::memcpy(changed.data.data() + 8, &value, 4); });
  }

  void add_wrong_files() {
    const std::string text = whole_.header.dump();
    all_.push_back(
        {"names twice", whole_.with_header(text.substr(0, text.size() - 1) + ',' + text.substr(1))});
    all_.push_back({"deep", whole_.with_header("{\"a\":" + std::string(100000, '['))});
    all_.push_back({"no object", whole_.with_header("[]")});
    for (const std::uint64_t length :
         {std::uint64_t{0}, std::uint64_t{text.size() - 1}, std::uint64_t{text.size() + 1},
          std::uint64_t{size_}, std::uint64_t{1} << 40, ~std::uint64_t{0}})
      all_.push_back({"header of " + std::to_string(length), whole_.with_length(text, length)});
  }

  Safetensors whole_;
  std::size_t size_;
  std::string first_, second_;
  std::vector<Damaged> all_;
};

}  // namespace damage
